using Sluice.Protocols.Rtmp.Sessions;
using Sluice.Protocols.Rtmp.Tags;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class AllocationTests : IRtmpMediaSink
{
    private long _bytes;
    private int _tags;

    void IRtmpMediaSink.OnMedia(uint streamId, in MediaTag tag)
    {
        _bytes += tag.Payload.Length;
        _tags++;
    }

    [Theory]
    [InlineData(1460)]
    [InlineData(65_536)]
    public void Media_allocates_nothing_in_the_steady_state(int piece)
    {
        var client = ScriptedClient.Publishing();
        client.Send(ChunkReaderTests.Form0(2, 0, 1, [0, 0, 0x10, 0]));
        var round = new List<byte>();
        for (var i = 0; i < 30; i++)
        {
            round.AddRange(ChunkReaderTests.Form0(6, 40, 9, [0x17, 1, 0, 0, 0, .. new byte[i == 0 ? 60_000 : 9000]], chunkSize: 4096));
            round.AddRange(ChunkReaderTests.Form0(6, 40, 9, [0x96, 0x11, .. "av01"u8, 0, 0, 0, 2, 1, 2, 1, 0, 0, 1, 3], chunkSize: 4096));
            round.AddRange(ChunkReaderTests.Form0(4, 40, 8, [0xaf, 1, .. new byte[300]], chunkSize: 4096));
        }

        byte[] bytes = [.. round];
        var output = new byte[4096];
        Pass(client.Session, client.Now, bytes, piece, output);
        Pass(client.Session, client.Now, bytes, piece, output);
        _tags = 0;
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 20; i++) Pass(client.Session, client.Now, bytes, piece, output);
        var allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        Assert.Equal(20 * 30 * 4, _tags);
        Assert.Equal(0, allocated);
    }

    private void Pass(RtmpServerSession session, Instant now, ReadOnlySpan<byte> bytes, int piece, byte[] output)
    {
        while (!bytes.IsEmpty)
        {
            session.Handle(bytes[..Math.Min(piece, bytes.Length)], now, this, out var consumed);
            bytes = bytes[consumed..];
            while (session.TryTakeOutput(output, out _))
            {
            }
        }
    }
}
