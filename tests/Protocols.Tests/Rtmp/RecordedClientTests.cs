using Sluice.Protocols.Rtmp.Handshakes;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Rtmp;

/// <summary>What real clients sent to <see cref="RealClientTests"/>, byte for byte.</summary>
public sealed class RecordedClientTests
{
    private static string Folder => Path.Combine(AppContext.BaseDirectory, "Rtmp", "Recordings");

    private static IEnumerable<string> Names => Directory.EnumerateFiles(Folder, "*.rtmp").Select(file => Path.GetFileName(file)!).Order(StringComparer.Ordinal);

    public static TheoryData<string> Recordings => [.. Names];

    [Theory]
    [MemberData(nameof(Recordings))]
    public void A_recorded_publication_is_understood_however_it_is_cut(string name)
    {
        var bytes = File.ReadAllBytes(Path.Combine(Folder, name));
        List<KeptTag>? expected = null;
        foreach (var piece in (int[])[int.MaxValue, 1, 7, 1460, 4096])
        {
            var replay = new Replay();
            for (var at = 0; at < bytes.Length; at += Math.Min(piece, bytes.Length)) replay.Take(bytes.AsSpan(at, Math.Min(piece, bytes.Length - at)), Instant.Zero);
            replay.Close();
            replay.AssertIsWholePublication();
            expected ??= replay.Tags;
            Assert.Equal(expected.Count, replay.Tags.Count);
            Assert.All(expected.Zip(replay.Tags), pair => Assert.Equal(pair.First with { Payload = [] }, pair.Second with { Payload = [] }, Same));
            Assert.All(expected.Zip(replay.Tags), pair => Assert.Equal(pair.First.Payload, pair.Second.Payload));
        }
    }

    [Theory]
    [InlineData("ffmpeg.rtmp", true)]
    [InlineData("librtmp.rtmp", false)]
    [InlineData("rtmp2sink.rtmp", false)]
    public void The_recordings_hold_handshakes_of_both_kinds(string name, bool hasDigest)
    {
        var first = File.ReadAllBytes(Path.Combine(Folder, name)).AsSpan(1, HandshakeDigest.PacketLength);
        Assert.Equal(hasDigest, HandshakeDigest.TryFind(first, HandshakeDigest.ClientKey, out _, out _));
    }

    [Fact]
    public void There_is_a_recording_of_every_client() =>
        Assert.Equal(["ffmpeg.rtmp", "librtmp.rtmp", "rtmp2sink.rtmp"], Names);

    private static bool Same(KeptTag a, KeptTag b) =>
        (a.StreamId, a.Kind, a.Codec, a.PacketType, a.Track, a.Nanoseconds, a.CompositionOffset, a.IsKeyframe)
        == (b.StreamId, b.Kind, b.Codec, b.PacketType, b.Track, b.Nanoseconds, b.CompositionOffset, b.IsKeyframe);
}
