using System.Text;
using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// What a client sends after the handshake, to a host that accepts everything: the session tells the same however the bytes are cut, ends
/// every publication exactly once, and stays within its bounds.
/// </summary>
public static class RtmpServerTarget
{
    /// <summary>Runs one connection, the first byte saying how it is cut.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var whole = Drive(input[1..], int.MaxValue);
        FuzzAssert.That(whole == Drive(input[1..], 1 + input[0] % 64), "cutting changes nothing");
    }

    private static string Drive(ReadOnlySpan<byte> input, int piece)
    {
        var now = Instant.Zero;
        var session = new RtmpServerSession(RtmpServerOptions.Default, 7, now);
        var trace = new Trace();
        Span<byte> hello = stackalloc byte[1 + 1536 * 2];
        hello.Clear();
        hello[0] = 3;
        FuzzAssert.That(session.Handle(hello, now, trace, out var taken) == RtmpProgress.NeedsMore && taken == hello.Length, "the handshake is taken");
        var published = 0;
        var ended = 0;
        var closed = 0;
        while (!input.IsEmpty)
        {
            var part = input[..Math.Min(piece, input.Length)];
            input = input[part.Length..];
            while (true)
            {
                var progress = session.Handle(part, now, trace, out var consumed);
                part = part[consumed..];
                var moved = consumed > 0;
                while (session.TryTakeEvent(out var e))
                {
                    moved = true;
                    FuzzAssert.That(closed == 0, "nothing is told after the end");
                    trace.Tell(e);
                    if (e.Kind == RtmpEventKind.ConnectRequested) FuzzAssert.That(session.AcceptConnect(now), "a request can be accepted");
                    if (e.Kind == RtmpEventKind.PublishRequested && session.AcceptPublish(now)) published++;
                    if (e.Kind == RtmpEventKind.PublishEnded) ended++;
                    if (e.Kind == RtmpEventKind.Closed) closed++;
                }

                trace.Drain(session);
                if (progress != RtmpProgress.Waiting) break;
                FuzzAssert.That(moved, "a session that waits has told why");
            }
        }

        FuzzAssert.That(ended + (closed == 0 ? 4 : 0) >= published, "publications end with the session");
        session.HandleClosed();
        while (session.TryTakeEvent(out var e))
        {
            trace.Tell(e);
            if (e.Kind == RtmpEventKind.PublishEnded) ended++;
            if (e.Kind == RtmpEventKind.Closed) closed++;
        }

        FuzzAssert.That(published == ended, "every publication ends exactly once");
        FuzzAssert.That(closed == 1, "the end is told exactly once");
        FuzzAssert.That(session.Error == RtmpError.None || RtmpErrors.Describe(session.Error) != "Unknown error.", "every error has words");
        return trace.ToString() + session.Error;
    }

    private sealed class Trace : IRtmpMediaSink
    {
        // Events are taken after bytes were handled, media comes meanwhile: each has an order of its own.
        private readonly StringBuilder _media = new();
        private readonly StringBuilder _events = new();
        private readonly byte[] _buffer = new byte[4096];
        private int _output;

        public void OnMedia(uint streamId, in MediaTag tag)
        {
            FuzzAssert.That(tag.Codec != RtmpCodec.Unknown || tag.PacketType == TagPacketType.Command, "unknown codecs are no media");
            FuzzAssert.That(tag.NanosecondOffset is >= 0 and < 1_000_000, "nanoseconds are below a millisecond");
            _media.Append(streamId).Append(' ').Append(tag.Codec).Append(tag.PacketType).Append(tag.TimestampNanoseconds).Append(' ')
                .Append(tag.Track).Append(' ').Append(tag.Payload.Length).Append('\n');
        }

        public void Tell(in RtmpEvent e) => _events.Append(e.Kind).Append(e.StreamId).Append(e.Name).Append(e.End).Append(e.Unsupported).Append('\n');

        public void Drain(RtmpServerSession session)
        {
            while (session.TryTakeOutput(_buffer, out var written)) _output += written;
        }

        public override string ToString() => _media.ToString() + _events + _output;
    }
}
