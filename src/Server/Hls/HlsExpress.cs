using System.Buffers;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Sluice.Control.Admission;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Sockets;
using Sluice.Protocols.Wire;
using Sluice.Server.Options;

namespace Sluice.Server.Hls;

/// <summary>
/// The short way for players: plain requests of HLS on a connection without TLS are answered from the bytes that all share, before HTTP proper has begun. It gives only
/// answers of 200. At anything else the connection, with what was read of it, is handed over to Kestrel for good, which serves the same by <see cref="HlsMiddleware"/>.
/// </summary>
/// <remarks>A request costs one receive, one look-up and one send; whoever waits costs a place in a list.</remarks>
internal sealed class HlsExpress : IDisposable
{
    private static readonly TimeSpan HeadTime = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan IdleTime = TimeSpan.FromMinutes(2);
    public static readonly TimeSpan SendTime = TimeSpan.FromSeconds(30);

    // Bytes a second a player takes at least, and how long it may take whatever it takes: what is sent to it stays in memory as long.
    private const int LeastRate = 16 * 1024;
    private static readonly TimeSpan LongestRest = HlsMedia.LongestSend - SendTime;

    // Requests of one connection that are answered without a pause.
    private const int MostInRow = 64;

    // Characters of what a player says of its session; the session's name is among the first of them.
    private const int LongestSession = 256;

    private readonly HlsOutput _output;
    private readonly IService _service;
    private readonly LiveOptions _options;
    private readonly TimeProvider _time;
    private readonly ConcurrentDictionary<ExpressVisit, byte> _visits = new();
    private readonly Timer _sweep;
    private byte[] _dateLine;
    private long _answers;
    private int _waiting;

    public HlsExpress(HlsOutput output, IService service, LiveOptions options, TimeProvider time)
    {
        _output = output;
        _service = service;
        _options = options;
        _time = time;
        _dateLine = ExpressHead.DateLine(time.GetUtcNow());
        _sweep = new Timer(_ => Sweep(MonotonicClock.Now), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    private enum Outcome
    {
        Other,
        Media,
        Playlist,
    }

    /// <summary>Answers begun; the web server counts its own.</summary>
    public long Answers => Interlocked.Read(ref _answers);

    /// <summary>Requests that wait for a part now.</summary>
    public int Waiting => Volatile.Read(ref _waiting);

    public async Task RunAsync(ConnectionContext connection, ConnectionDelegate next)
    {
        var socket = connection.Features.Get<IConnectionSocketFeature>()?.Socket;
        if (socket is null || !_output.Settings.Enabled)
        {
            await next(connection);
            return;
        }

        var visit = new ExpressVisit(this, connection, socket);
        visit.Begin(MonotonicClock.Now, IdleTime);
        _visits[visit] = 0;
        var input = connection.Transport.Input;
        var ending = connection.Features.Get<IConnectionLifetimeNotificationFeature>()?.ConnectionClosedRequested ?? default;
        var isOther = false;
        var served = 0;
        try
        {
            await using var registration = ending.UnsafeRegister(static reader => ((System.IO.Pipelines.PipeReader)reader!).CancelPendingRead(), input);
            while (!ending.IsCancellationRequested)
            {
                var read = await input.ReadAsync();

                // Who sends many requests at once holds up nobody: neither those answered by the same thread nor the pool.
                if (++served % MostInRow == 0) await Task.Yield();
                var buffer = read.Buffer;
                var reading = Read(buffer, visit, out var outcome);
                if (reading == ExpressReading.More)
                {
                    if (read.IsCompleted || read.IsCanceled) return;
                    if (!buffer.IsEmpty && !visit.HasBegun) visit.Begin(MonotonicClock.Now, HeadTime);
                    visit.HasBegun = !buffer.IsEmpty;
                    input.AdvanceTo(buffer.Start, buffer.End);
                    continue;
                }

                if (outcome == Outcome.Playlist && await visit.AnswerAsync() != HlsReadiness.Ready)
                {
                    // What is not to be had by waiting: the long way finds the words for it, and not on the thread that answers a crowd.
                    outcome = Outcome.Other;
                    await Task.Yield();
                }

                if (outcome == Outcome.Other)
                {
                    input.AdvanceTo(buffer.Start);
                    isOther = true;
                    break;
                }

                input.AdvanceTo(buffer.GetPosition(visit.Length));
                if (outcome == Outcome.Playlist)
                {
                    await visit.Sending;
                }
                else
                {
                    var rest = TimeSpan.FromSeconds(visit.Media.Length / LeastRate);
                    visit.Begin(MonotonicClock.Now, SendTime + (rest < LongestRest ? rest : LongestRest));
                    Fill(visit);
                    Count();
                    await socket.SendAsync(visit.Pieces, SocketFlags.None);
                }

                visit.HasBegun = false;
                visit.Begin(MonotonicClock.Now, IdleTime);
                if (read.IsCompleted) return;
            }
        }
        catch (Exception failure) when (failure is SocketException or ObjectDisposedException or ConnectionResetException or ConnectionAbortedException or IOException or OperationCanceledException)
        {
            // The player has gone, which is how players leave.
            return;
        }
        finally
        {
            _visits.TryRemove(visit, out _);
        }

        if (isOther) await next(connection);
    }

    public void Dispose() => _sweep.Dispose();

    /// <summary>Counts who begins to wait; false where there are too many.</summary>
    public bool TryQueue()
    {
        if (Interlocked.Increment(ref _waiting) <= _output.Settings.MaxViewers) return true;
        Interlocked.Decrement(ref _waiting);
        return false;
    }

    /// <summary>Counts who waits no longer.</summary>
    public void Unqueue() => Interlocked.Decrement(ref _waiting);

    /// <summary>Counts an answer that is about to be sent.</summary>
    public void Count() => Interlocked.Increment(ref _answers);

    private ExpressReading Read(in ReadOnlySequence<byte> buffer, ExpressVisit visit, out Outcome outcome)
    {
        outcome = Outcome.Other;
        if (buffer.IsEmpty) return ExpressReading.More;
        var bytes = buffer.IsSingleSegment ? buffer.FirstSpan : buffer.Slice(0, Math.Min(buffer.Length, ExpressRequest.LongestHead + 4)).ToArray();
        var reading = ExpressRequest.Read(bytes, out var request);
        if (reading == ExpressReading.Request) outcome = Find(in request, visit);
        return reading;
    }

    private Outcome Find(in ExpressRequest request, ExpressVisit visit)
    {
        Span<char> text = stackalloc char[ExpressRequest.LongestHead];
        var path = text[..Encoding.ASCII.GetChars(request.Path, text)];
        var http = _options.Current.Http;
        if (http.TrustedProxies.Count > 0 || http.CorsOrigins is not ["*"]) return Outcome.Other;
        if (!HlsPath.TryParse(path, out var parsed) || parsed.Rendition.Length == 0 || _output.Find(parsed.Channel) is not { } channel) return Outcome.Other;
        if (channel.Find(parsed.Rendition) is not { } rendition) return Outcome.Other;
        visit.IsPrivate = parsed.Grant.Length > 0;
        if (visit.IsPrivate ? !_output.Grants.Opens(parsed.Grant, channel.ChannelId) : !IsOpen(channel)) return Outcome.Other;
        visit.Length = request.Length;
        visit.Rendition = rendition;
        visit.Channel = channel;
        if (parsed.View is not { } view) return TryFindMedia(rendition, parsed.File, visit) ? Outcome.Media : Outcome.Other;

        Span<char> query = stackalloc char[request.Query.Length];
        Encoding.ASCII.GetChars(request.Query, query);
        if (!DeliveryDirectives.TryParse(query, out visit.Directives)) return Outcome.Other;
        visit.View = view;
        visit.Encoding = request.Encoding;
        var who = parsed.Grant.Length > 0 ? HlsWho.OfGrant(parsed.Grant) : WhoIs(visit, request.UserAgent, request.Session, query);
        if (!_output.Admit(channel, who)) return Outcome.Other;
        rendition.Ask(MonotonicClock.Now);
        return Outcome.Playlist;
    }

    private static bool TryFindMedia(HlsRendition rendition, ReadOnlySpan<char> file, ExpressVisit visit)
    {
        if (rendition.Keys is not null) return false;
        switch (rendition.Names.Parse(file, out var number, out var index))
        {
            case MediaResource.Init when rendition.FindInit(number) is { } init:
                visit.Media = init.Bytes;
                return true;
            case MediaResource.Segment when rendition.TryFind(number, out var segment) && segment.IsComplete && segment.Whole is { } whole:
                visit.Media = whole;
                return true;
            case MediaResource.Part when rendition.TryFind(number, out var parent) && parent.Find(index) is { IsComplete: true } part:
                visit.Media = part.Bytes;
                return true;
            default:
                return false;
        }
    }

    private bool IsOpen(HlsChannel channel)
    {
        var verdict = _service.VerifyWatchAsync(channel.ChannelId, null, CancellationToken.None);
        return verdict is { IsCompletedSuccessfully: true, Result.Verdict: Verdict.Granted };
    }

    /// <summary>The whole answer to a request for a playlist, made by the first who asks.</summary>
    public byte[] MessageOf(ExpressVisit visit)
    {
        var body = visit.Rendition.Render(visit.View, visit.Directives.Skips, visit.Encoding, visit.Channel);
        var isLasting = visit.Directives.Sequence >= 0 && !visit.Rendition.IsEnded;
        var slot = (isLasting ? 2 : 0) + (visit.IsPrivate ? 1 : 0);
        var messages = body.Messages;
        if (Volatile.Read(ref messages[slot]) is { } known) return known;
        var cacheControl = isLasting ? visit.Channel.CacheControlOf(visit.IsPrivate) : visit.IsPrivate ? "private, max-age=1" : "public, max-age=1";
        var made = ExpressHead.Playlist(body, visit.Encoding, cacheControl, _time.GetUtcNow());
        Volatile.Write(ref messages[slot], made);
        return made;
    }

    private void Fill(ExpressVisit visit)
    {
        var media = visit.Media;
        var head = ExpressHead.WriteMedia(visit.Head, visit.Rendition.Kind, visit.IsPrivate, media.Length, Volatile.Read(ref _dateLine));
        visit.Pieces[0] = new ArraySegment<byte>(visit.Head, 0, head);
        System.Runtime.InteropServices.MemoryMarshal.TryGetArray(media, out visit.Pieces[1]);
    }

    private static UInt128 WhoIs(ExpressVisit visit, ReadOnlySpan<byte> agent, ReadOnlySpan<byte> session, ReadOnlySpan<char> query)
    {
        if (visit.Address is null)
        {
            var address = (visit.Connection.RemoteEndPoint as IPEndPoint)?.Address ?? IPAddress.None;
            visit.Address = address.IsIPv4MappedToIPv6 ? address.MapToIPv4() : address;
        }

        Span<char> text = stackalloc char[HlsWho.LongestAgent];
        var length = Encoding.Latin1.GetChars(agent[..Math.Min(agent.Length, text.Length)], text);
        Span<char> named = stackalloc char[Math.Min(session.Length, LongestSession)];
        Encoding.Latin1.GetChars(session[..named.Length], named);
        return HlsWho.Of(visit.Address, text[..length], CmcdSession.Find(named, query));
    }

    // Those who are too slow, or do nothing for too long, go: one look a second at all, and no timer for each.
    internal void Sweep(Instant now)
    {
        Volatile.Write(ref _dateLine, ExpressHead.DateLine(_time.GetUtcNow()));
        foreach (var (visit, _) in _visits)
        {
            if (visit.IsLate(now)) visit.Connection.Abort(new ConnectionAbortedException("Too slow, or idle for too long."));
        }
    }
}
