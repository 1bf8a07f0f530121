namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>
/// What the parser takes from a stranger. A description beyond any bound is refused whole, with the bound in the error: real browsers
/// stay under a tenth of each.
/// </summary>
public static class SdpLimits
{
    /// <summary>Characters in a description.</summary>
    public const int MaxLength = 65_536;

    /// <summary>Lines in a description, blank ones not counted.</summary>
    public const int MaxLines = 2_048;

    /// <summary>Characters in one line, its ending not counted.</summary>
    public const int MaxLineLength = 4_096;

    /// <summary>Media sections in a description.</summary>
    public const int MaxMediaSections = 64;

    /// <summary>Attributes in one section.</summary>
    public const int MaxAttributes = 1_024;

    /// <summary>Formats named by one <c>m=</c> line.</summary>
    public const int MaxFormats = 256;
}
