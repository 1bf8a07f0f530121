using Sluice.Protocols.Rtmp.Amf;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>A command message taken apart: name, transaction, command object and arguments (RTMP 1.0 §7.2).</summary>
internal readonly struct RtmpCommand
{
    private const int MaxArguments = 8;

    private readonly AmfValue[] _arguments;

    private RtmpCommand(string name, double transaction, AmfValue[] arguments)
    {
        Name = name;
        Transaction = transaction;
        _arguments = arguments;
    }

    public string Name { get; }

    public double Transaction { get; }

    /// <summary>The argument at an index, 0 being the command object; undefined where it was not sent.</summary>
    public AmfValue this[int index] => index < _arguments.Length ? _arguments[index] : AmfValue.Undefined;

    /// <summary>Reads a command; the transaction may be missing. False where there is no name; what follows damage is left out.</summary>
    /// <param name="payload">The message.</param>
    /// <param name="limits">Bounds of its values.</param>
    /// <param name="command">The command.</param>
    /// <param name="error">The damage, if any.</param>
    public static bool TryRead(ReadOnlySpan<byte> payload, AmfLimits limits, out RtmpCommand command, out AmfError error)
    {
        var reader = new AmfReader(WithoutFormat(payload), limits);
        command = default;
        if (!reader.TryReadText(out var name))
        {
            error = reader.Error == AmfError.None ? AmfError.Truncated : reader.Error;
            return false;
        }

        reader.TryRead(out var transaction);
        var arguments = new List<AmfValue>();
        while (arguments.Count < MaxArguments && reader.TryRead(out var argument))
        {
            arguments.Add(argument);
        }

        error = reader.Error;
        command = new RtmpCommand(name, transaction.Number, [.. arguments]);
        return true;
    }

    /// <summary>The values of a message without the format byte that AMF3 messages begin with; no message begins with a number.</summary>
    public static ReadOnlySpan<byte> WithoutFormat(ReadOnlySpan<byte> payload) => payload is [0, ..] ? payload[1..] : payload;
}
