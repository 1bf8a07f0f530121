using System.Buffers.Binary;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// Nothing is accepted that was not made with the key, and a refusal changes nothing; what was made with the key comes back whole, once,
/// and only unchanged.
/// </summary>
public static class SrtpUnprotectTarget
{
    private const int MaxPayload = 1400;
    private static readonly SrtpProfile[] Profiles = [SrtpProfile.Aes128CmSha1_80, SrtpProfile.AeadAes128Gcm, SrtpProfile.AeadAes256Gcm];

    /// <summary>The first byte picks the profile, the second the bit to change; the rest is the packet.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.Length < 2) return;
        var profile = Profiles[input[0] % Profiles.Length];
        int change = input[1];
        input = input[2..];
        if (input.Length > MaxPayload) input = input[..MaxPayload];

        using var keys = KeysOf(profile);
        using var sender = new SrtpSender(keys);
        using var receiver = new SrtpReceiver(keys);
        Refuse(receiver, input, rtcp: false);
        Refuse(receiver, input, rtcp: true);

        Span<byte> packet = new byte[12 + MaxPayload + SrtpProfiles.MaxRtcpOverhead];
        packet[0] = 0x80;
        var sequence = (ushort)(change * 257);
        BinaryPrimitives.WriteUInt16BigEndian(packet[2..], sequence);
        var length = sender.ProtectRtp(packet, 12, input, 0);
        RoundTrip(receiver, packet[..length], input, change, rtcp: false);

        packet.Clear();
        packet[0] = 0x80;
        input.CopyTo(packet[12..]);
        length = sender.ProtectRtcp(packet, 12 + input.Length);
        RoundTrip(receiver, packet[..length], input, change, rtcp: true);
    }

    private static void Refuse(SrtpReceiver receiver, ReadOnlySpan<byte> packet, bool rtcp)
    {
        var copy = packet.ToArray();
        var error = rtcp ? receiver.UnprotectRtcp(copy, out var length) : receiver.UnprotectRtp(copy, out length);
        FuzzAssert.That(error is SrtpError.TooShort or SrtpError.AuthenticationFailed, "a packet made without the key is refused");
        FuzzAssert.That(length == 0, "a refused packet has no length");
        FuzzAssert.That(receiver.StreamCount == 0, "a refused packet makes no stream");
    }

    private static void RoundTrip(SrtpReceiver receiver, Span<byte> packet, ReadOnlySpan<byte> payload, int change, bool rtcp)
    {
        var forged = packet.ToArray();
        forged[change % forged.Length] ^= (byte)(1 << change % 8);
        FuzzAssert.That(Open(receiver, forged, rtcp, out _) != SrtpError.None, "a changed bit is noticed");
        var copy = packet.ToArray();
        FuzzAssert.That(Open(receiver, packet, rtcp, out var length) == SrtpError.None, "a packet made with the key is accepted");
        FuzzAssert.That(packet[12..length].SequenceEqual(payload), "the payload comes back");
        FuzzAssert.That(Open(receiver, copy, rtcp, out _) == SrtpError.Replayed, "a packet is accepted once");
    }

    private static SrtpError Open(SrtpReceiver receiver, Span<byte> packet, bool rtcp, out int length) =>
        rtcp ? receiver.UnprotectRtcp(packet, out length) : receiver.UnprotectRtp(packet, out length);

    private static SrtpKeys KeysOf(SrtpProfile profile)
    {
        Span<byte> secret = stackalloc byte[46];
        for (var i = 0; i < secret.Length; i++) secret[i] = (byte)(i * 37 + 11);
        return new SrtpKeys(profile, secret[..profile.KeyLength()], secret.Slice(profile.KeyLength(), profile.SaltLength()));
    }
}
