using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.Tests.Srtp;

/// <summary>Theory rows: every way of computing that this machine has.</summary>
public static class CryptoPathRows
{
    public static TheoryData<string> Paths()
    {
        var rows = new TheoryData<string>();
        foreach (var path in SrtpTransform.SupportedPaths) rows.Add(path.ToString());
        return rows;
    }

    public static TheoryData<string, SrtpProfile> PathsAndProfiles()
    {
        var rows = new TheoryData<string, SrtpProfile>();
        foreach (var path in SrtpTransform.SupportedPaths)
        {
            rows.Add(path.ToString(), SrtpProfile.AeadAes128Gcm);
            rows.Add(path.ToString(), SrtpProfile.AeadAes256Gcm);
            rows.Add(path.ToString(), SrtpProfile.Aes128CmSha1_80);
        }

        return rows;
    }

    internal static CryptoPath Parse(string name) => Enum.Parse<CryptoPath>(name);
}
