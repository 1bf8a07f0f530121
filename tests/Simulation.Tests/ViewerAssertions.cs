using Sluice.Testing.Peers;

namespace Sluice.Simulation.Tests;

internal static class ViewerAssertions
{
    /// <summary>Everything from the first frame to the publisher's last came, whole, in order and once.</summary>
    public static void AssertFlawless(this TestViewer viewer, TestPublisher publisher)
    {
        viewer.AssertComplete(publisher);
        Assert.Equal(0, viewer.Video.Lost + viewer.Audio.Lost);
        Assert.Equal(0, viewer.Video.Duplicates + viewer.Audio.Duplicates + viewer.Replayed);
    }

    /// <summary>Every picture from the first one to the publisher's last came whole; sound as far as it is repaired.</summary>
    public static void AssertComplete(this TestViewer viewer, TestPublisher publisher)
    {
        viewer.AssertSound();
        Assert.True(viewer.Video.CompleteFrames > 0, "no picture came");
        Assert.True(viewer.Video.MissingFrames <= 1, viewer.Video.ToString());
        Assert.True(viewer.Video.CompleteFrames == viewer.Video.DecodableFrames, viewer.Video.ToString());
        Assert.InRange((int)(publisher.Video.Frames - 1 - viewer.Video.LastStamp.Frame), 0, 5);
        if (publisher.Plan.AudioInterval > TimeSpan.Zero) Assert.InRange((int)(publisher.Audio.Frames - 1 - viewer.Audio.LastStamp.Frame), 0, 10);
    }

    /// <summary>Nothing was wrong that the network is not to blame for.</summary>
    public static void AssertSound(this TestViewer viewer)
    {
        Assert.Empty(viewer.Errors);
        Assert.Equal(0, viewer.Forged);
    }
}
