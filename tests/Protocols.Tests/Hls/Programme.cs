using System.Text;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Tests.Media.Containers;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Hls;

/// <summary>A channel in virtual time: pictures that lead and sound that follows, cut and listed as a host does it.</summary>
internal sealed class Programme
{
    public static readonly NtpTime Zero = NtpTime.FromUtc(new DateTime(2026, 11, 20, 12, 0, 0, DateTimeKind.Utc));
    private readonly SegmentTiming _timing;
    private int _discontinuities;

    public Programme(SegmentTiming? timing = null)
    {
        _timing = timing ?? SegmentTiming.Default;
        Video = Make(leads: true);
        Audio = Make(leads: false);
    }

    public sealed record Rendition(SegmentWindow Window, Segmenter Segmenter, MediaPlaylist Playlist);

    public Rendition Video { get; }

    public Rendition Audio { get; }

    /// <summary>Called after every change, with the rendition that changed.</summary>
    public Action<Rendition>? Changed { get; set; }

    public SegmentChange Picture(double seconds, bool isKey, FrameFormat? format = null, int composition = 0)
    {
        var frame = new Frame
        {
            Format = format ?? Formats.H264, DecodeTime = (long)Math.Round(seconds * 90_000), CompositionOffset = composition,
            Flags = isKey ? FrameFlags.Keyframe : FrameFlags.None, Payload = Encoding.ASCII.GetBytes($"picture at {seconds:0.000}"),
        };
        return Push(Video, Audio, frame, seconds);
    }

    public SegmentChange Sound(double seconds, FrameFormat? format = null)
    {
        format ??= Formats.Aac;
        var frame = new Frame
        {
            Format = format, DecodeTime = (long)Math.Round(seconds * format.ClockRate), Flags = FrameFlags.Keyframe, Payload = Encoding.ASCII.GetBytes($"sound at {seconds:0.000}"),
        };
        return Push(Audio, Video, frame, seconds);
    }

    /// <summary>Pictures and sound of a span, in the order of their times.</summary>
    public void Play(double from, double to, double fps = 30, double gop = 2, bool hasPicture = true, bool hasSound = true, Func<double, double>? jitter = null)
    {
        var pictures = hasPicture ? (int)Math.Round((to - from) * fps) : 0;
        var perGroup = Math.Max(1, (int)Math.Round(gop * fps));
        const double packet = 1024 / 48_000.0;
        var sound = from;
        for (var i = 0; i < pictures; i++)
        {
            var at = from + i / fps;
            for (; hasSound && sound <= at; sound += packet) Sound(sound);
            Picture(jitter is null ? at : at + jitter(at), i % perGroup == 0);
        }

        for (; hasSound && sound < to; sound += packet) Sound(sound);
    }

    /// <summary>The publisher has gone.</summary>
    public void Finish()
    {
        Tell(Video, Video.Segmenter.Finish());
        Tell(Audio, Audio.Segmenter.Finish());
    }

    /// <summary>Another stream begins.</summary>
    public void Begin()
    {
        _discontinuities++;
        Video.Segmenter.Continue(_discontinuities);
        Audio.Segmenter.Continue(_discontinuities);
    }

    public ReadPlaylist Read(Rendition rendition, PlaylistView view = PlaylistView.Live, bool skips = false)
    {
        var target = Math.Max(
            Video.Window.TargetDuration > 0 ? Video.Window.TargetDuration : Video.Window.ExpectedTarget, Audio.Window.TargetDuration > 0 ? Audio.Window.TargetDuration : Audio.Window.ExpectedTarget);
        Video.Window.Promise(target);
        Audio.Window.Promise(target);
        return ReadPlaylist.Of(rendition.Playlist.Write(view, skips, []));
    }

    private Rendition Make(bool leads)
    {
        var window = new SegmentWindow(_timing);
        return new Rendition(window, new Segmenter(window, _timing) { Leads = leads }, new MediaPlaylist(window, new MediaNames("x1"), _timing, TimeSpan.FromSeconds(40)));
    }

    private SegmentChange Push(Rendition to, Rendition other, in Frame frame, double seconds)
    {
        var change = to.Segmenter.Push(in frame, Zero + TimeSpan.FromSeconds(seconds));
        var breaks = (change & SegmentChange.Discontinuity) != 0 && to.Window.Discontinuities > _discontinuities;
        if (breaks) _discontinuities = to.Window.Discontinuities;
        if ((change & SegmentChange.Begun) != 0 && other.Segmenter.IsOpen && (to.Segmenter.Leads || breaks)) other.Segmenter.CutAt(to.Segmenter.SegmentShownAt, _discontinuities);
        Tell(to, change);
        return change;
    }

    private void Tell(Rendition rendition, SegmentChange change)
    {
        if (change != SegmentChange.None) Changed?.Invoke(rendition);
    }
}
