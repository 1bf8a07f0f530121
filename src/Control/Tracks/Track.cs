using Sluice.Protocols.Media;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>Which of a stream's tracks this is: renditions of one source share kind and number and differ in the encoding id.</summary>
/// <param name="Kind">Sound or picture.</param>
/// <param name="Number">0 for the first source of its kind, 1 for the second.</param>
/// <param name="EncodingId">The rendition's name (simulcast's rid); empty where there is only one.</param>
public readonly record struct TrackId(MediaKind Kind, int Number, string EncodingId)
{
    public override string ToString()
    {
        var name = $"{(Kind == MediaKind.Video ? "video" : "audio")}-{Number}";
        return EncodingId.Length == 0 ? name : $"{name}-{EncodingId}";
    }
}

/// <summary>
/// One audio or video rendition of a live stream: its formats, its log, its clock, and the way back to its encoder. The input's thread writes;
/// everybody reads.
/// </summary>
public sealed class Track
{
    private const int MaxFormats = 64;

    private readonly TrackFormat[] _formats = new TrackFormat[MaxFormats];
    private readonly Action? _wakeInput;
    private readonly Slab _slab;
    private readonly Lock _gate = new();
    private FrameLog? _frames;
    private ITrackConverter? _converter;
    private int _packetsWanted;
    private int _framesWanted;
    private bool _isConverting;
    private bool _hasReordering;
    private int _formatCount;
    private int _keyframeWanted;
    private Resolution _resolution;

    /// <param name="id">Which track.</param>
    /// <param name="slab">Where the log's memory comes from.</param>
    /// <param name="limits">How much the log may keep.</param>
    /// <param name="wakeInput">Wakes the input's thread, so that it looks for a wanted key picture; null where the source cannot make one.</param>
    public Track(TrackId id, Slab slab, PacketLogLimits limits, Action? wakeInput = null)
    {
        Id = id;
        _slab = slab;
        Packets = new PacketLog(slab, limits);
        _wakeInput = wakeInput;
    }

    public TrackId Id { get; }

    /// <summary>The packets face.</summary>
    public PacketLog Packets { get; }

    /// <summary>The frames face; made when first asked for. Read it with a <see cref="FrameCursor"/>.</summary>
    public FrameLog Frames
    {
        get
        {
            if (Volatile.Read(ref _frames) is { } frames) return frames;
            lock (_gate)
            {
                if (_frames is null) Volatile.Write(ref _frames, new FrameLog(Id.Kind, _slab));
                return _frames!;
            }
        }
    }

    /// <summary>The face the input writes.</summary>
    public TrackFace Native { get; init; }

    /// <summary>What fills the other face; null where nothing can.</summary>
    public ITrackConverters? Converters { get; init; }

    /// <summary>The track this one is made from, while somebody wants it; null for what the publisher sends.</summary>
    public Track? Origin { get; init; }

    /// <summary>
    /// Asked for why a rendition cannot be made now, as words that follow a colon: its answer is null where it can. Null itself for what the publisher sends. Set
    /// before the track is offered; any thread may ask.
    /// </summary>
    public Func<string?>? Obstacle { get; set; }

    /// <summary>
    /// True once pictures were seen that are shown in another order than they are decoded in (B-frames): WebRTC cannot carry them. Set by the writer, never taken
    /// back.
    /// </summary>
    public bool HasReordering
    {
        get => Volatile.Read(ref _hasReordering);
        set => Volatile.Write(ref _hasReordering, value);
    }

    /// <summary>Raised when the first wants a face, and when the last has gone; on the caller's thread, and never twice at once.</summary>
    public event Action<Track>? WantChanged;

    /// <summary>What the input counts.</summary>
    public TrackStatistics Statistics { get; } = new();

    /// <summary>What the streamer should know of it; the input notes each frame.</summary>
    public TrackHealth Health { get; } = new();

    /// <summary>The mapping of media time to wall-clock time; null until the first packet.</summary>
    public Timeline? Timeline { get; private set => Volatile.Write(ref field, value); }

    /// <summary>The format of the newest packet; null before the first.</summary>
    public TrackFormat? Format { get; private set => Volatile.Write(ref field, value); }

    /// <summary>The size of the newest key picture, read from the bitstream.</summary>
    public Resolution Resolution => _resolution;

    /// <summary>
    /// The index under which packets of a format are logged, adding the format where it is new. Only the input calls this. A stream that goes
    /// through more formats than the table holds keeps using the last one.
    /// </summary>
    public byte IndexOf(TrackFormat format)
    {
        var count = _formatCount;
        for (var i = 0; i < count; i++)
        {
            if (ReferenceEquals(_formats[i], format) || _formats[i] == format) return (byte)i;
        }

        if (count == MaxFormats) return MaxFormats - 1;
        _formats[count] = format;
        Volatile.Write(ref _formatCount, count + 1);
        return (byte)count;
    }

    /// <summary>The format a packet was logged under.</summary>
    public TrackFormat FormatAt(byte index) => _formats[index];

    /// <summary>Formats known so far.</summary>
    public int FormatCount => Volatile.Read(ref _formatCount);

    /// <summary>Sets what the newest packet says. Only the input calls this.</summary>
    public void Describe(TrackFormat format) => Format = format;

    /// <summary>Sets the size of the picture. Only the input calls this.</summary>
    public void Describe(Resolution resolution) => _resolution = resolution;

    /// <summary>Replaces the clock mapping. Only the input calls this.</summary>
    public void Place(Timeline timeline) => Timeline = timeline;

    /// <summary>Says that somebody reads a face. Any thread; each call is taken back by one <see cref="Unwant"/>.</summary>
    public void Want(TrackFace face)
    {
        lock (_gate)
        {
            if (++WantedOf(face) == 1) WantChanged?.Invoke(this);
        }
    }

    /// <summary>Takes one <see cref="Want"/> back.</summary>
    public void Unwant(TrackFace face)
    {
        lock (_gate)
        {
            if (--WantedOf(face) == 0) WantChanged?.Invoke(this);
        }
    }

    /// <summary>True while somebody reads a face.</summary>
    public bool IsWanted(TrackFace face) => Volatile.Read(ref WantedOf(face)) > 0;

    /// <summary>True while somebody reads either face.</summary>
    public bool IsWantedAtAll => IsWanted(TrackFace.Packets) || IsWanted(TrackFace.Frames);

    /// <summary>
    /// Brings the derived face up to date where somebody wants it. The writer calls this after it has appended, and before the readers are told.
    /// </summary>
    public void Derive(Instant now)
    {
        var wanted = IsWanted(Native == TrackFace.Packets ? TrackFace.Frames : TrackFace.Packets);
        if (!wanted && !_isConverting) return;
        if (!wanted)
        {
            _converter?.Pause();
        }
        else
        {
            _converter ??= Converters?.Make(this);
            _converter?.Convert(now);
        }

        Volatile.Write(ref _isConverting, wanted);
    }

    /// <summary>
    /// True where what a face holds is of now: the input writes it, or it has been derived since somebody wanted it. Else it is from before a pause, and nobody
    /// should begin to read there.
    /// </summary>
    public bool IsCurrent(TrackFace face) => face == Native || Volatile.Read(ref _isConverting);

    /// <summary>Gives the memory of both faces back. The writer calls this when the stream has ended.</summary>
    public void Release()
    {
        Packets.Release();
        Volatile.Read(ref _frames)?.Release();
    }

    private ref int WantedOf(TrackFace face) => ref (face == TrackFace.Packets ? ref _packetsWanted : ref _framesWanted);

    /// <summary>True where the encoder makes a key picture when asked.</summary>
    public bool MakesKeyframes => _wakeInput is not null;

    /// <summary>Asks the encoder for a picture that needs no other. Any thread; the input throttles.</summary>
    public void RequestKeyframe()
    {
        if (_wakeInput is null || Interlocked.Exchange(ref _keyframeWanted, 1) != 0) return;
        Statistics.CountKeyframeRequest();
        _wakeInput();
    }

    /// <summary>True where somebody asked for a key picture since the last call. Only the input calls this.</summary>
    public bool TakeKeyframeRequest() => Volatile.Read(ref _keyframeWanted) != 0 && Interlocked.Exchange(ref _keyframeWanted, 0) != 0;
}
