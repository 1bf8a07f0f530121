using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Bench.Report;

/// <summary>What the reports call the SRTP profiles.</summary>
internal static class SrtpNames
{
    public const string Gcm = "GCM";
    public const string CounterMode = "CM_SHA1_80";

    public static string Of(SrtpProfile profile) => profile == SrtpProfile.Aes128CmSha1_80 ? CounterMode : Gcm;

    /// <summary>The word of the command line.</summary>
    public static string OptionOf(SrtpProfile profile) => profile == SrtpProfile.Aes128CmSha1_80 ? "cm" : "gcm";
}
