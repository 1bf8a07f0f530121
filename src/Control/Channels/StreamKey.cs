namespace Sluice.Control.Channels;

/// <summary>
/// What a publisher presents: <c>{channel}-{secret}</c>, split at the first dash, or the secret alone where the channel is known from
/// elsewhere.
/// </summary>
public readonly record struct StreamKey
{
    /// <summary>The longest text that is looked at; far above any key that was ever given out.</summary>
    public const int MaxLength = 256;

    /// <summary>What a key looks like, as a sentence for whoever sent something else.</summary>
    public const string Shape =
        "A stream key is CHANNEL-SECRET: letters, digits and _ with one dash between the two; more was sent, or something else. Copy the key again, whole.";

    private StreamKey(string? channelId, string secret)
    {
        ChannelId = channelId;
        Secret = secret;
    }

    /// <summary>The channel the key names, or null where it is a bare secret.</summary>
    public string? ChannelId { get; }

    /// <summary>The secret part.</summary>
    public string Secret { get; }

    /// <summary>Reads a key; false where no channel can have given it out.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out StreamKey key)
    {
        key = default;
        if (text.Length is 0 or > MaxLength)
            return false;
        var dash = text.IndexOf('-');
        var secret = text[(dash + 1)..];
        if (!StreamSecret.IsWellFormed(secret))
            return false;
        if (dash < 0)
        {
            key = new StreamKey(null, secret.ToString());
            return true;
        }
        if (!Channels.ChannelId.IsValid(text[..dash]))
            return false;
        key = new StreamKey(text[..dash].ToString(), secret.ToString());
        return true;
    }

    /// <summary>The channel a text names that may be a key, though a bad one: what stands before its first dash. Empty where that is no channel's id.</summary>
    public static string ChannelOf(string text) =>
        text.IndexOf('-', StringComparison.Ordinal) is > 0 and var dash && Channels.ChannelId.IsValid(text.AsSpan(0, dash)) ? text[..dash] : "";

    /// <summary>The whole key of a channel, for its owner.</summary>
    public static string Compose(string channelId, string secret) => $"{channelId}-{secret}";

    /// <summary>Never the secret: a key that reaches a log by accident says only which channel it names.</summary>
    public override string ToString() => ChannelId is null ? "key" : $"key of {ChannelId}";
}
