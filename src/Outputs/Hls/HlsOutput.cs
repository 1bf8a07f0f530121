using System.Collections.Concurrent;
using System.Globalization;
using Microsoft.Extensions.Logging;
using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>Live streams as HLS with low latency: a packager for each channel that is on, or was a moment ago. Safe for any thread.</summary>
public sealed partial class HlsOutput : IDisposable
{
    private readonly ConcurrentDictionary<string, HlsChannel> _channels = new(StringComparer.Ordinal);
    private readonly LiveChannels _live;
    private readonly HlsSettings _settings;
    private readonly HlsDisk _disk;
    private readonly Func<LiveChannel, ConsumerGroup> _groupOf;
    private readonly Func<string, ValueTask<ChannelSettings?>> _settingsOf;
    private readonly Func<Instant> _now;
    private readonly WallClock _clock;
    private readonly TimeProvider _time;
    private readonly ILogger<HlsOutput> _log;
    private readonly Lock _gate = new();
    private long _tag;
    private int _viewers;

    /// <param name="live">The channels to package.</param>
    /// <param name="settings">How.</param>
    /// <param name="disk">Where old segments go.</param>
    /// <param name="groupOf">The consumers a channel's packager joins.</param>
    /// <param name="settingsOf">What the owner of a channel has declared.</param>
    /// <param name="crew">Who answers crowds.</param>
    /// <param name="now">The monotonic clock.</param>
    /// <param name="clock">Its anchor to the wall clock.</param>
    /// <param name="time">The wall clock, for what people read.</param>
    /// <param name="log">Says what failed.</param>
    public HlsOutput(LiveChannels live, HlsSettings settings, HlsDisk disk, Func<LiveChannel, ConsumerGroup> groupOf,
        Func<string, ValueTask<ChannelSettings?>> settingsOf, HlsCrew crew, Func<Instant> now, WallClock clock, TimeProvider time, ILogger<HlsOutput> log)
    {
        _live = live;
        _settings = settings;
        _disk = disk;
        _groupOf = groupOf;
        _settingsOf = settingsOf;
        Crew = crew;
        _now = now;
        _clock = clock;
        _time = time;
        _log = log;
        _tag = time.GetUtcNow().ToUnixTimeMilliseconds();
        Grants = new HlsGrants(now);
        if (settings is { Enabled: true, Start: HlsStart.Publish }) live.Changed += Follow;
    }

    public HlsSettings Settings => _settings;

    internal HlsCrew Crew { get; }

    /// <summary>Who was let into private channels.</summary>
    public HlsGrants Grants { get; }

    /// <summary>Viewers of all channels.</summary>
    public int ViewerCount => Volatile.Read(ref _viewers);

    public IEnumerable<HlsChannel> Channels => _channels.Values;

    /// <summary>Now.</summary>
    public Instant Clock() => _now();

    /// <summary>The packager of a channel; with packaging on demand one is made where the channel is live. Null where there is nothing to play, at no cost.</summary>
    public HlsChannel? Find(ReadOnlySpan<char> channelId)
    {
        if (_channels.GetAlternateLookup<ReadOnlySpan<char>>().TryGetValue(channelId, out var channel)) return channel;
        if (_settings.Start != HlsStart.Demand) return null;
        return _live.Find(channelId.ToString()) is { Stream: not null } live ? Open(live) : null;
    }

    /// <summary>Notes that a viewer asks for something of a channel; false where it may not have it: too many, or sent away.</summary>
    public bool Admit(HlsChannel channel, UInt128 who) => channel.See(who, _now(), _time.GetUtcNow()) is not null;

    /// <summary>The owner has changed what is declared.</summary>
    public void Describe(string channelId)
    {
        if (_channels.TryGetValue(channelId, out var channel)) _ = DescribeAsync(channel);
    }

    /// <summary>The channel was deleted: nothing of it can be had any more.</summary>
    public void Close(string channelId)
    {
        Grants.Revoke(channelId);
        if (_channels.TryGetValue(channelId, out var channel)) Remove(channel);
    }

    public void Dispose()
    {
        _live.Changed -= Follow;
        foreach (var channel in _channels.Values) Remove(channel);
    }

    internal void Remove(HlsChannel channel)
    {
        _channels.TryRemove(KeyValuePair.Create(channel.ChannelId, channel));
        _groupOf(channel.Live).Remove(channel.Live, channel);
        channel.Close();
    }

    internal void Lose(HlsChannel channel, Exception failure)
    {
        LogLost(_log, failure, channel.ChannelId);
        _channels.TryRemove(KeyValuePair.Create(channel.ChannelId, channel));
        channel.Close();
    }

    internal bool TryCountViewer()
    {
        if (Interlocked.Increment(ref _viewers) <= _settings.MaxViewers) return true;
        Interlocked.Decrement(ref _viewers);
        return false;
    }

    internal void UncountViewer() => Interlocked.Decrement(ref _viewers);

    private void Follow(LiveChannel live)
    {
        if (live.Stream is not null && !_channels.ContainsKey(live.ChannelId)) Open(live);
    }

    private HlsChannel Open(LiveChannel live)
    {
        lock (_gate)
        {
            if (_channels.TryGetValue(live.ChannelId, out var known)) return known;
            var channel = new HlsChannel(this, live, _settings, _disk, _clock, NextTag(), _now());

            // Mostly known at once, and so there is no playlist without what was declared.
            _ = DescribeAsync(channel);
            _channels[live.ChannelId] = channel;
            _groupOf(live).Add(live, channel);
            return channel;
        }
    }

    private async Task DescribeAsync(HlsChannel channel)
    {
        try
        {
            if (await _settingsOf(channel.ChannelId) is { } settings) channel.Offer(settings);
        }
        catch (Exception failure)
        {
            LogUndescribed(_log, failure, channel.ChannelId);
        }
    }

    // Grows with every packager and every start, so that no URL ever means other bytes than before.
    private string NextTag() => Base36(Interlocked.Increment(ref _tag));

    private static string Base36(long number)
    {
        Span<char> text = stackalloc char[16];
        var at = text.Length;
        do
        {
            text[--at] = "0123456789abcdefghijklmnopqrstuvwxyz"[(int)(number % 36)];
            number /= 36;
        }
        while (number > 0);
        return text[at..].ToString();
    }

    [LoggerMessage(Level = LogLevel.Error, Message = "Channel {Channel} has no subtitles: its settings could not be read")]
    private static partial void LogUndescribed(ILogger log, Exception failure, string channel);

    [LoggerMessage(Level = LogLevel.Error, Message = "Channel {Channel} is not packaged any more: its packager failed")]
    private static partial void LogLost(ILogger log, Exception failure, string channel);
}
