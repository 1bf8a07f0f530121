using System.Text.Json;
using Sluice.Protocols.Rtp.Srtp;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Srtp;

/// <summary>Project Wycheproof's cases, which aim at what implementations of these algorithms got wrong before.</summary>
public class WycheproofTests
{
    private const string GcmFile = "vectors/wycheproof_aes_gcm_test.json";
    private const string HmacFile = "vectors/wycheproof_hmac_sha1_test.json";

    [FetchedDataFact(GcmFile)]
    public void Gcm_agrees_in_every_case_of_our_sizes()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(FetchedData.Find(GcmFile)!));
        var (valid, invalid) = (0, 0);
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            if (group.GetProperty("ivSize").GetInt32() != 96 || group.GetProperty("keySize").GetInt32() == 192) continue;
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                var isValid = test.GetProperty("result").GetString() == "valid";
                foreach (var path in SrtpTransform.SupportedPaths) CheckGcm(test, isValid, path);
                if (isValid) valid++;
                else invalid++;
            }
        }

        Assert.True(valid > 50 && invalid > 20, $"{valid} valid and {invalid} invalid cases");
    }

    [FetchedDataFact(HmacFile)]
    public void Hmac_agrees_in_every_valid_case_of_our_key_sizes()
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(FetchedData.Find(HmacFile)!));
        var checkedCases = 0;
        foreach (var group in document.RootElement.GetProperty("testGroups").EnumerateArray())
        {
            if (group.GetProperty("keySize").GetInt32() > 512) continue;
            foreach (var test in group.GetProperty("tests").EnumerateArray())
            {
                foreach (var path in SrtpTransform.SupportedPaths)
                {
                    using var hmac = HmacSha1.Create(Bytes(test, "key"), path);
                    var hash = new byte[HmacSha1.HashLength];
                    hmac.Compute(Bytes(test, "msg"), hash);
                    var tag = Bytes(test, "tag");
                    Assert.Equal(test.GetProperty("result").GetString() == "valid", hash.AsSpan(0, tag.Length).SequenceEqual(tag));
                }

                checkedCases++;
            }
        }

        Assert.True(checkedCases > 50);
    }

    private static void CheckGcm(JsonElement test, bool isValid, CryptoPath path)
    {
        using var cipher = AesGcmCipher.Create(Bytes(test, "key"), path);
        var plain = Bytes(test, "msg");
        var text = Bytes(test, "ct");
        var tag = Bytes(test, "tag");
        var opened = (byte[])text.Clone();
        Assert.Equal(isValid, cipher.TryOpen(Bytes(test, "iv"), Bytes(test, "aad"), opened, tag));
        if (!isValid) return;
        Assert.Equal(plain, opened);
        var newTag = new byte[AesGcmCipher.TagLength];
        cipher.Seal(Bytes(test, "iv"), Bytes(test, "aad"), plain, opened, newTag);
        Assert.Equal(text, opened);
        Assert.Equal(tag, newTag);
    }

    private static byte[] Bytes(JsonElement test, string name) => Convert.FromHexString(test.GetProperty(name).GetString()!);
}
