using Sluice.Protocols.Hls.Playlists;

namespace Sluice.Protocols.Tests.Hls;

public sealed class RequestTests
{
    [Theory]
    [InlineData("", -1, -1, false)]
    [InlineData("?", -1, -1, false)]
    [InlineData("?token=abc", -1, -1, false)]
    [InlineData("?_HLS_msn=12", 12, -1, false)]
    [InlineData("?_HLS_msn=12&_HLS_part=3&_HLS_skip=YES", 12, 3, true)]
    [InlineData("?a=b&_HLS_part=0&_HLS_msn=0&_HLS_skip=v2", 0, 0, true)]
    public void Directives_are_read(string query, long sequence, int part, bool skips)
    {
        Assert.True(DeliveryDirectives.TryParse(query, out var directives));
        Assert.Equal(new DeliveryDirectives(sequence, part, skips), directives);
    }

    [Theory]
    [InlineData("?_HLS_msn")]
    [InlineData("?_HLS_msn=")]
    [InlineData("?_HLS_msn=-1")]
    [InlineData("?_HLS_msn=+1")]
    [InlineData("?_HLS_msn=1e3")]
    [InlineData("?_HLS_msn=99999999999999999999")]
    [InlineData("?_HLS_part=1")]
    [InlineData("?_HLS_msn=1&_HLS_part=99999999999")]
    [InlineData("?_HLS_skip=NO")]
    public void Others_are_refused(string query) => Assert.False(DeliveryDirectives.TryParse(query, out _));

    [Fact]
    public void Names_are_read_as_they_were_written()
    {
        var names = new MediaNames("k3x");
        Assert.Equal(MediaResource.Init, names.Parse(names.Init(4), out var number, out _));
        Assert.Equal(4, number);
        Assert.Equal(MediaResource.Segment, names.Parse(names.Segment(123_456_789_012), out number, out _));
        Assert.Equal(123_456_789_012, number);
        Assert.Equal(MediaResource.Part, names.Parse(names.Part(7, 9), out number, out var part));
        Assert.Equal((7, 9), (number, part));
    }

    [Fact]
    public void Text_is_named_otherwise_than_pictures()
    {
        var names = new MediaNames("k3x", isText: true);
        Assert.Equal(("k3x.5.vtt", "k3x.5.2.vtt"), (names.Segment(5), names.Part(5, 2)));
        Assert.Equal(MediaResource.Segment, names.Parse("k3x.5.vtt", out _, out _));
        Assert.Equal(MediaResource.Part, names.Parse("k3x.5.2.vtt", out _, out _));
        Assert.Equal(MediaResource.None, names.Parse("k3x.5.m4s", out _, out _));
        Assert.Equal(MediaResource.None, new MediaNames("k3x").Parse("k3x.5.vtt", out _, out _));
    }

    [Theory]
    [InlineData("")]
    [InlineData("k3x")]
    [InlineData("k3x.m4s")]
    [InlineData("k3x..m4s")]
    [InlineData("k3x.07.m4s")]
    [InlineData("k3x.-7.m4s")]
    [InlineData("k3x.7.08.m4s")]
    [InlineData("k3x.7.8.9.m4s")]
    [InlineData("k3x.7.99999999999.m4s")]
    [InlineData("k3x.99999999999999999999.m4s")]
    [InlineData("k3x.i.mp4")]
    [InlineData("k3x.7.mp4")]
    [InlineData("k3y.7.m4s")]
    [InlineData("k3x7.m4s")]
    [InlineData("../k3x.7.m4s")]
    public void Names_that_were_never_given_out_are_none(string name) => Assert.Equal(MediaResource.None, new MediaNames("k3x").Parse(name, out _, out _));
}
