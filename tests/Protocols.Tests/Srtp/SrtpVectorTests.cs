using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.Tests.Srtp;

/// <summary>Published values and packets of an independent implementation, over every way of computing.</summary>
public class SrtpVectorTests
{
    [Theory]
    [InlineData(0, "c61e7a93744f39ee10734afe3ff7a087")]
    [InlineData(
        1,
        "cebe321f6ff7716b6fd4ab49af256a156d38baa48f0a0acf3c34e2359e6cdbcee049646c43d9327ad175578ef72270986371c10c9a369ac2f94a8c5f" +
        "bcdddc256d6e919a48b610ef17c2041e474035766b68642c59bbfc2f34db60dbdfb2")]
    [InlineData(2, "30cbbc08863d8c85d49db34a9ae1")]
    [InlineData(3, "4c1aa45a81f73d61c800bbb00fbb1eaa")]
    [InlineData(4, "8d54534feb49ae8e7993a6bd0b844fc323a93dfd")]
    [InlineData(5, "9581c7ad87b3e530bf3e4454a8b3")]
    public void Session_keys_are_those_of_rfc_3711_appendix_b3(int label, string expected)
    {
        using var keys = new SrtpKeys(
            SrtpProfile.Aes128CmSha1_80,
            Convert.FromHexString("e1f97a0d3e018be0d64fa32c06de4139"),
            Convert.FromHexString("0ec675ad498afeebb6960b3aabe6"));
        var derived = new byte[expected.Length / 2];
        keys.Derive((SrtpKeyLabel)label, derived);
        Assert.Equal(expected, Convert.ToHexStringLower(derived));
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    public void Key_stream_is_that_of_rfc_3711_appendix_b2(string path) => AssertKeyStream(
        path,
        "2b7e151628aed2a6abf7158809cf4f3c",
        "e03ead0935c95e80e166b16dd92b4eb4d23513162b02d0f72a43a2fe4a5f97ab41e95b3bb0a2e8dd477901e4fca894c0");

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    public void Key_stream_of_256_bits_is_that_of_rfc_6188_section_7_1(string path) => AssertKeyStream(
        path,
        "57f82fe3613fd170a85ec93c40b1f0922ec4cb0dc025b58272147cc438944a98",
        "92bdd28a93c3f52511c677d08b5515a49da71b2378a854f67050756ded165bac63c4868b7096d88421b563b8c94c9a31");

    [Theory]
    [MemberData(nameof(CryptoPathRows.Paths), MemberType = typeof(CryptoPathRows))]
    public void Packets_are_those_of_rfc_7714_section_16_and_17(string path)
    {
        AssertGcmPackets(
            path,
            "000102030405060708090a0b0c0d0e0f",
            "f24de3a3fb34de6cacba861c9d7e4bcabe633bd50d294e6f42a5f47a51c7d19b36de3adf8833899d7f27beb16a9152cf765ee4390cce",
            "63e94885dcdab67ca727d7662f6b7e997ff5c0f76c06f32dc676a5f1730d6fda4ce09b4686303ded0bb9275bc84aa45896cf4d2fc5abf87245d9eade" +
            "800005d4");
        AssertGcmPackets(
            path,
            "000102030405060708090a0b0c0d0e0f101112131415161718191a1b1c1d1e1f",
            "32b1de78a822fe12ef9f78fa332e33aab18012389a58e2f3b50b2a0276ffae0f1ba63799b87b7aa3db36dfffd6b0f9bb7878d7a76c13",
            "d50ae4d1f5ce5d304ba297e47d470c282c3ece5dbffe0a50a2eaa5c1110555be8415f658c61de0476f1b6fad1d1eb30c4446839f57ff6f6cb26ac3be" +
            "800005d4");
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.PathsAndProfiles), MemberType = typeof(CryptoPathRows))]
    public void Golden_packets_are_reproduced(string path, SrtpProfile profile)
    {
        var session = Array.Find(GoldenSessions.All, s => s.Profile == profile)!;
        using var keys = session.Keys();
        using var sender = new SrtpSender(keys, CryptoPathRows.Parse(path)) { NextRtcpIndex = 1 };
        uint rollover = 0;
        foreach (var golden in session.Packets)
        {
            var plain = Convert.FromHexString(golden.Plain);
            var packet = new byte[plain.Length + SrtpProfiles.MaxRtcpOverhead];
            int length;
            if (golden.IsRtcp)
            {
                plain.CopyTo(packet, 0);
                length = sender.ProtectRtcp(packet, plain.Length);
            }
            else
            {
                if (plain[2] == 0 && plain[3] == 0) rollover++;
                var header = RtpHeader.LengthOf(plain);
                plain.AsSpan(0, header).CopyTo(packet);
                length = sender.ProtectRtp(packet, header, plain.AsSpan(header), rollover);
            }

            Assert.Equal(golden.Protected, Convert.ToHexStringLower(packet.AsSpan(0, length)));
        }
    }

    [Theory]
    [MemberData(nameof(CryptoPathRows.PathsAndProfiles), MemberType = typeof(CryptoPathRows))]
    public void Golden_packets_are_opened(string path, SrtpProfile profile)
    {
        var session = Array.Find(GoldenSessions.All, s => s.Profile == profile)!;
        using var keys = session.Keys();
        using var receiver = new SrtpReceiver(keys, CryptoPathRows.Parse(path));
        foreach (var golden in session.Packets)
        {
            var packet = Convert.FromHexString(golden.Protected);
            ulong index = 0;
            var error = golden.IsRtcp
                ? receiver.UnprotectRtcp(packet, out var length)
                : receiver.UnprotectRtp(packet, out length, out index);
            Assert.Equal(SrtpError.None, error);
            Assert.Equal(golden.Plain, Convert.ToHexStringLower(packet.AsSpan(0, length)));
            if (!golden.IsRtcp) Assert.Equal(packet[2] == 0xff ? 0u : 1u, index >> 16);
        }
    }

    private static void AssertKeyStream(string path, string key, string expected)
    {
        using var cipher = AesCounterCipher.Create(Convert.FromHexString(key), CryptoPathRows.Parse(path));
        var stream = new byte[expected.Length / 2];
        cipher.Apply(Convert.FromHexString("f0f1f2f3f4f5f6f7f8f9fafbfcfd0000"), stream, stream);
        Assert.Equal(expected, Convert.ToHexStringLower(stream));
    }

    private static void AssertGcmPackets(string path, string key, string protectedPayload, string protectedRtcp)
    {
        using var transform = new GcmTransform(
            Convert.FromHexString(key), Convert.FromHexString("517569642070726f2071756f"), CryptoPathRows.Parse(path));

        const string Header = "8040f17b8041f8d35501a0b2";
        var payload = "Gallia est omnis divisa in partes tres"u8;
        var packet = new byte[12 + payload.Length + 16];
        Convert.FromHexString(Header).CopyTo(packet, 0);
        transform.SealRtp(packet, 12, payload, 0xf17b);
        Assert.Equal(Header + protectedPayload, Convert.ToHexStringLower(packet));
        Assert.True(transform.TryOpenRtp(packet, 12, 0xf17b));
        Assert.True(packet.AsSpan(12, payload.Length).SequenceEqual(payload));

        var plain = Convert.FromHexString(
            "81c8000d4d6172734e5450314e545032525450200000042a0000e9304c756e61deadbeefdeadbeefdeadbeefdeadbeefdeadbeef");
        packet = [.. plain, .. new byte[20]];
        transform.SealRtcp(packet, plain.Length, 0x5d4);
        Assert.Equal("81c8000d4d617273" + protectedRtcp, Convert.ToHexStringLower(packet));
        Assert.True(transform.TryOpenRtcp(packet, 0x5d4));
        Assert.True(packet.AsSpan(0, plain.Length).SequenceEqual(plain));
    }
}
