using System.Security.Cryptography;
using Sluice.Protocols.WebRtc.Dtls;

namespace Sluice.Protocols.Tests.Dtls;

public class DtlsFingerprintTests
{
    private const string Example =
        "sha-256 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08";

    [Fact]
    public void The_value_of_the_sdp_attribute_survives_the_round_trip()
    {
        Assert.True(DtlsFingerprint.TryParse(Example, out var fingerprint));
        Assert.Equal("sha-256", fingerprint!.Algorithm);
        Assert.Equal(0x6b, fingerprint.Hash[0]);
        Assert.Equal(0x08, fingerprint.Hash[31]);
        Assert.Equal(Example, fingerprint.ToString());
    }

    [Fact]
    public void Lower_case_is_read_as_well()
    {
        Assert.True(DtlsFingerprint.TryParse(Example.ToLowerInvariant().Replace("sha", "SHA", StringComparison.Ordinal), out var fingerprint));
        Assert.Equal(Example, fingerprint!.ToString());
    }

    [Theory]
    [InlineData("sha-256")]
    [InlineData("sha-384")]
    [InlineData("sha-512")]
    public void A_certificate_is_told_from_another_by_every_accepted_hash(string algorithm)
    {
        byte[] certificate = [1, 2, 3];
        var hash = algorithm switch
        {
            "sha-256" => SHA256.HashData(certificate),
            "sha-384" => SHA384.HashData(certificate),
            _ => SHA512.HashData(certificate),
        };
        Assert.True(DtlsFingerprint.TryCreate(algorithm, hash, out var fingerprint));
        Assert.True(fingerprint!.Matches(certificate));
        Assert.False(fingerprint.Matches([1, 2, 4]));
        Assert.False(fingerprint.Matches([]));
    }

    [Theory]
    [InlineData("")]
    [InlineData("sha-256")]
    [InlineData("sha-256 ")]
    [InlineData("sha-256 6B")]
    [InlineData("sha-256 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19")]
    [InlineData("sha-256 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:0G")]
    [InlineData("sha-256 6B-8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08")]
    [InlineData("sha-256 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08:")]
    [InlineData("sha-512 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64:1A:24:C2:43:F0:A1:58:D0:A1:2C:19:08")]
    [InlineData("sha-1 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35:DC:B8:5F:64")]
    [InlineData("md5 6B:8B:F0:65:5F:78:E2:51:3B:AC:6F:F3:3F:46:1B:35")]
    public void Broken_and_weak_fingerprints_are_refused(string text)
    {
        Assert.False(DtlsFingerprint.TryParse(text, out var fingerprint));
        Assert.Null(fingerprint);
    }

    [Fact]
    public void A_fingerprint_of_endless_length_is_refused() =>
        Assert.False(DtlsFingerprint.TryParse("sha-512 " + string.Join(':', Enumerable.Repeat("AB", 10_000)), out _));
}
