using Sluice.Protocols.Media;
using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

public sealed class ChildQuotaTests
{
    [Fact]
    public void A_second_picture_is_refused_while_the_processors_are_busy_and_the_first_never()
    {
        var quota = new ChildQuota(new TranscodingOptions { MaxVideo = 3, MaxLoad = 0.9 }) { Load = 0.97 };

        Assert.True(quota.TryEnter(MediaKind.Video, out _));
        Assert.False(quota.TryEnter(MediaKind.Video, out var reason));
        Assert.Equal("97 % of the processors are in use already", reason);
        Assert.Equal(reason, quota.WhyNot(MediaKind.Video));
        Assert.Equal(1, quota.Children(MediaKind.Video));

        quota.Load = 0.5;
        Assert.Null(quota.WhyNot(MediaKind.Video));
        Assert.True(quota.TryEnter(MediaKind.Video, out _));
    }

    [Fact]
    public void Sound_is_taken_however_busy_the_processors_are()
    {
        var quota = new ChildQuota(new TranscodingOptions { MaxAudio = 2 }) { Load = 1 };

        Assert.True(quota.TryEnter(MediaKind.Audio, out _));
        Assert.True(quota.TryEnter(MediaKind.Audio, out _));
        Assert.False(quota.TryEnter(MediaKind.Audio, out var reason));
        Assert.Equal("all 2 places for sound are taken (Transcoding:MaxAudio)", reason);
        quota.Leave(MediaKind.Audio);
        Assert.Null(quota.WhyNot(MediaKind.Audio));
    }

    [Fact]
    public void Where_there_are_no_places_nobody_gets_one()
    {
        var quota = new ChildQuota(new TranscodingOptions { MaxVideo = 0 });

        Assert.False(quota.TryEnter(MediaKind.Video, out var reason));
        Assert.Equal("all 0 places for pictures are taken (Transcoding:MaxVideo)", reason);
        Assert.Equal(0, quota.Children(MediaKind.Video));
    }
}
