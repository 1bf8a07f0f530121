using System.Text;
using Sluice.Control.Channels;
using Sluice.Server.Live;

namespace Sluice.Server.Startup;

/// <summary>
/// What the person who started the node needs to know. The only place where secrets are printed, and only those this process knows: the
/// operator's token where it was given or just made, and the first channel's key when it was just made.
/// </summary>
public sealed record Welcome(
    string SiteUrl, string? OperatorToken, NewChannel? FirstChannel, bool HasFirstChannel, IReadOnlyDictionary<string, int> Ports)
{
    /// <summary>The channel that is there from the first start.</summary>
    public const string FirstChannelId = "live";

    private const int Column = 14;
    private const int SafeTokenLength = 16;

    internal static Welcome Nothing { get; } = new("", null, null, false, new Dictionary<string, int>());

    /// <summary>Readable, aligned text.</summary>
    public string ToText()
    {
        var text = new StringBuilder();
        text.Append("Sluice ").Append(SluiceVersion.Text).Append(" is running. Ctrl-C stops it.").AppendLine().AppendLine();
        Line(text, "Site", SiteUrl + "/");
        if (OperatorToken is not null)
            Line(text, "Operator", $"{SiteUrl}/console#token={Uri.EscapeDataString(OperatorToken)}");
        else
            Line(text, "Operator", $"{SiteUrl}/console  (token as printed at the first start; SLUICE_ADMIN_TOKEN=... sets a new one)");
        if (OperatorToken is { Length: < SafeTokenLength })
            Line(text, "", $"This token is short enough to guess; choose one of {SafeTokenLength} characters or more.");
        Line(text, "Ports", string.Join(", ", Ports.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => $"{p.Key} {p.Value}")));
        text.AppendLine();
        if (FirstChannel is not null)
        {
            Line(text, "First channel", FirstChannelId);
            Line(text, "  in OBS", "Settings > Stream > Service: WHIP");
            Line(text, "  Server", $"{SiteUrl}/whip/{FirstChannelId}");
            Line(text, "  Bearer Token", FirstChannel.Key);
            if (RtmpUrl.Of(SiteUrl, Ports) is { } rtmp)
            {
                Line(text, "  or by RTMP", "Settings > Stream > Service: Custom");
                Line(text, "  Server", rtmp);
                Line(text, "  Stream Key", FirstChannel.Key);
            }

            Line(text, "  in a browser", $"{SiteUrl}/broadcast#key={FirstChannel.Key}");
            Line(text, "  watch", $"{SiteUrl}/watch/{FirstChannelId}");
            text.AppendLine().AppendLine("The key is shown this once; it is kept only as a hash.");
        }
        else if (HasFirstChannel)
        {
            Line(text, "First channel", FirstChannelId);
            Line(text, "  in OBS", $"Service: WHIP, Server: {SiteUrl}/whip/{FirstChannelId}, Bearer Token: the channel's key");
            if (RtmpUrl.Of(SiteUrl, Ports) is { } rtmp)
                Line(text, "  or by RTMP", $"Service: Custom, Server: {rtmp}, Stream Key: the channel's key");
            Line(text, "  watch", $"{SiteUrl}/watch/{FirstChannelId}");
            Line(text, "  key lost?", $"Rotate it in the console, or POST {SiteUrl}/api/v1/channels/{FirstChannelId}/rotate-secret");
        }
        return text.ToString().TrimEnd() + Environment.NewLine;
    }

    /// <summary>Never the secrets.</summary>
    public override string ToString() => $"welcome to {SiteUrl}";

    private static void Line(StringBuilder text, string label, string value) =>
        text.Append("  ").Append(label.PadRight(Column + 2)).AppendLine(value);
}
