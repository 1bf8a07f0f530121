using Sluice.Protocols.Wire;

namespace Sluice.Control.Live;

/// <summary>
/// Who may have a channel that is live. The newest publisher with the right key wins, once: who was replaced does not get the channel back while its successor
/// sends, since two encoders that connect again by themselves would throw each other out for ever. What was replaced is forgotten when the channel falls idle.
/// <para>A publisher that has sent nothing for a second holds nothing: it is replaced at once, on a channel that refuses takeovers by its like alone.</para>
/// </summary>
/// <remarks>Guarded by the channel's lock. At the limit the longest replaced is forgotten.</remarks>
internal sealed class Succession
{
    /// <summary>How long a publisher may send nothing and keep its channel against others.</summary>
    public static readonly TimeSpan Silence = TimeSpan.FromSeconds(1);

    private const int MaxReplaced = 16;

    private readonly List<PublisherIdentity> _replaced = [];

    /// <summary>Why somebody may not replace a stream; null where it may.</summary>
    public string? Judge(LiveStream live, PublisherIdentity who, bool refusesTakeover, Instant now)
    {
        var isSending = live.LastMedia is var last && (last == Instant.Zero || now - last <= Silence);
        if (refusesTakeover && (isSending || who != live.Publication.Identity))
            return "The channel is live and set to refuse a second publisher; stop the first one.";
        return isSending && _replaced.Contains(who)
            ? "Another encoder with this channel's key took the stream over and is sending; stop that one first, then start this one again."
            : null;
    }

    /// <summary>Notes that one stream took another's place; true where it is another publisher's, who is told.</summary>
    public bool Replace(LiveStream before, LiveStream after)
    {
        var (replaced, successor) = (before.Publication.Identity, after.Publication.Identity);
        if (ReferenceEquals(replaced, successor)) return false;
        _replaced.Remove(successor);
        _replaced.Remove(replaced);
        if (_replaced.Count == MaxReplaced) _replaced.RemoveAt(0);
        _replaced.Add(replaced);
        return true;
    }

    /// <summary>The channel is idle: whoever comes may have it.</summary>
    public void Forget() => _replaced.Clear();
}
