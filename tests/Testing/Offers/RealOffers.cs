using Sluice.Protocols.Rtp.Sdp;

namespace Sluice.Testing.Offers;

/// <summary>Offers that browsers and FFmpeg made, as they came over the wire.</summary>
public static class RealOffers
{
    private static readonly string Folder = Path.Combine(AppContext.BaseDirectory, "Offers");

    /// <summary>Every offer, as <c>client/what</c>.</summary>
    public static IReadOnlyList<string> Names { get; } =
    [
        "chromium-156/recvonly-default",
        "chromium-156/recvonly-mdns-host-candidates",
        "chromium-156/sendonly-default",
        "chromium-156/sendonly-h264",
        "chromium-156/sendonly-simulcast3-vp8",
        "chromium-156/sendonly-vp8",
        "ffmpeg-9.0.2/whip-offer-default-passive",
        "ffmpeg-9.0.2/whip-offer-dtls_active",
        "firefox-153/recvonly-default",
        "firefox-153/sendonly-default",
    ];

    /// <summary>The offers of publishers.</summary>
    public static IEnumerable<string> OfPublishers => Names.Where(static name => !name.Contains("recvonly", StringComparison.Ordinal));

    /// <summary>The offers of viewers.</summary>
    public static IEnumerable<string> OfViewers => Names.Where(static name => name.Contains("recvonly", StringComparison.Ordinal));

    /// <summary>The offer's text.</summary>
    public static string Text(string name) => File.ReadAllText(Path.Combine(Folder, name + ".sdp"));

    /// <summary>The offer, read.</summary>
    public static SessionDescription Read(string name) => Parse(Text(name));

    /// <summary>Reads a text that must be a description.</summary>
    public static SessionDescription Parse(string text) => SessionDescription.TryParse(text, out var description) is { } error
        ? throw new InvalidDataException(error.ToString())
        : description;
}
