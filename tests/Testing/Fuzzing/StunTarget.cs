using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;

namespace Sluice.Testing.Fuzzing;

/// <summary>A parsed message stays within its bytes, every look-up agrees with the walk over its attributes, and it survives rewriting.</summary>
public static class StunTarget
{
    /// <summary>Runs one datagram.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var isRouted = IceUsername.TryGetLocalUfrag(input, out var ufrag);
        if (!StunMessageView.TryParse(input, out var message))
        {
            FuzzAssert.That(!isRouted, "what does not parse has no fragment");
            return;
        }

        FuzzAssert.That(input.Length is >= StunMessageView.HeaderLength and <= StunMessageView.MaxLength, "length is within bounds");
        FuzzAssert.That((input.Length & 3) == 0, "length is a multiple of four");
        if (isRouted)
        {
            FuzzAssert.That(message.TryGetUsername(out var username), "a fragment comes from a username");
            FuzzAssert.That(username.StartsWith(ufrag) && username[ufrag.Length] == ':', "the fragment is before the colon");
        }

        Span<byte> key = stackalloc byte[16];
        key.Fill((byte)'k');
        FuzzAssert.That(!message.CheckIntegrity(key), "nobody guesses an integrity");
        FuzzAssert.That(!message.CheckFingerprint() || message.HasFingerprint, "a fingerprint is right only where there is one");
        message.TryGetPriority(out _);
        message.TryGetNomination(out _);
        message.TryGetIceControlled(out _);
        message.TryGetIceControlling(out _);
        message.TryGetXorMappedAddress(out _);
        if (message.TryGetErrorCode(out var code, out _)) FuzzAssert.That(code is >= 300 and <= 699, "an error code is 300 to 699");

        Span<ushort> unknown = stackalloc ushort[4];
        FuzzAssert.That(message.CopyUnknownRequired(unknown) <= unknown.Length, "unknown types stay within their room");

        Rewrite(message);
    }

    private static void Rewrite(in StunMessageView message)
    {
        Span<byte> key = stackalloc byte[16];
        key.Fill((byte)'k');
        Span<byte> copy = stackalloc byte[StunMessageView.MaxLength + 64];
        var writer = new StunMessageWriter(copy, message.Class, message.Method, message.TransactionId);
        foreach (var attribute in message)
        {
            writer.Add(attribute.Type, attribute.Value);
        }

        writer.AddIntegrity(key);
        writer.AddFingerprint();
        if (writer.Length > StunMessageView.MaxLength) return;

        FuzzAssert.That(StunMessageView.TryParse(writer.Written, out var again), "what was written parses");
        FuzzAssert.That(again.Class == message.Class && again.Method == message.Method, "class and method survive");
        FuzzAssert.That(again.TransactionId == message.TransactionId, "the transaction survives");
        FuzzAssert.That(again.CheckIntegrity(key) && again.CheckFingerprint(), "what was signed checks");

        var others = again.GetEnumerator();
        foreach (var attribute in message)
        {
            FuzzAssert.That(others.MoveNext(), "no attribute is lost");
            FuzzAssert.That(attribute.Type == others.Current.Type && attribute.Value.SequenceEqual(others.Current.Value), "attributes survive");
        }

        FuzzAssert.That(!others.MoveNext(), "no attribute is added");
    }
}
