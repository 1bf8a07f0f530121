using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Rtmp.Sessions;

namespace Sluice.Testing.Fuzzing;

/// <summary>A command message, and what connect and publish are made of.</summary>
public static class RtmpCommandTarget
{
    /// <summary>Runs one message.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (!RtmpCommand.TryRead(input, AmfLimits.Default, out var command, out var error))
        {
            FuzzAssert.That(error != AmfError.None, "a message without a name is damaged");
            return;
        }

        FuzzAssert.That(command[int.MaxValue] == AmfValue.Undefined, "what was not sent is undefined");
        var connect = RtmpConnect.From(command[0]);
        FuzzAssert.That(!connect.App.Contains('?', StringComparison.Ordinal), "the query is no part of the application");
        FuzzAssert.That(connect.Codecs.Count <= 64, "codec lists are bounded");
        FuzzAssert.That(connect.ObjectEncoding is 0 or 3, "encodings are known ones");
        var publish = RtmpPublish.From(connect, command[1].Text, command[2].Text);
        FuzzAssert.That(!publish.Name.Contains('?', StringComparison.Ordinal), "the query is no part of the name");
        FuzzAssert.That(publish.ToString() == $"{publish.App} ({publish.Kind})", "a key is not printed");
    }
}
