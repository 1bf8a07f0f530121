namespace Sluice.Protocols.Rtp.Payloads;

/// <summary>One source's stay on a viewer's track: what to add to its counters. A counter takes part from its first packet on.</summary>
internal struct PictureIdRun
{
    // How far behind the newest frame a packet may be. What seems older comes from a source that jumped ahead.
    private const int LateFrames15 = 2048;
    private const int LateFrames7 = 32;

    private long _first;
    private long _last;
    private long _offset;
    private byte _tl0Offset;
    private byte _keyIndexOffset;
    private bool _hasPictureId;
    private bool _hasTl0;
    private bool _hasKeyIndex;

    /// <summary>Sets what was not set yet so that this packet's counters follow those given out last.</summary>
    public void Begin(in PictureIds ids, in PictureIdState given)
    {
        if (ids.HasPictureId && !_hasPictureId)
        {
            _hasPictureId = true;
            _last = ids.PictureId;
            _offset = given.HasPictureId ? given.PictureId + 1 - _last : 0;
            _first = given.HasPictureId ? _last : long.MinValue; // nothing older to run into
        }

        if (ids.HasTl0 && !_hasTl0)
        {
            _hasTl0 = true;
            _tl0Offset = given.HasTl0 ? (byte)(given.Tl0 + 1 - ids.Tl0) : (byte)0;
        }

        if (ids.HasKeyIndex && !_hasKeyIndex)
        {
            _hasKeyIndex = true;
            _keyIndexOffset = given.HasKeyIndex ? (byte)(given.KeyIndex + 1 - ids.KeyIndex) : (byte)0;
        }
    }

    /// <summary>The picture id without wrap, counted from the run's newest.</summary>
    public readonly long Unwrap(in PictureIds ids)
    {
        var space = 1 << ids.PictureIdBits;
        var late = ids.PictureIdBits > 7 ? LateFrames15 : LateFrames7;
        var ahead = (int)(ids.PictureId - _last & (space - 1));
        return _last + (ahead >= space - late ? ahead - space : ahead);
    }

    /// <summary>True where a frame came before the first frame of this run.</summary>
    public readonly bool IsBefore(long source) => source < _first;

    /// <summary>True for frames within what this run sent.</summary>
    public readonly bool Covers(long source) => _hasPictureId && source >= _first && source <= _last;

    /// <summary>Notes a frame; true where it is the run's newest or as new.</summary>
    public bool Advance(long source)
    {
        if (source < _last) return false;
        _last = source;
        return true;
    }

    /// <summary>The picture id a frame is given, without wrap.</summary>
    public readonly long Map(long source) => source + _offset;

    /// <summary>The counters as the viewer shall see them.</summary>
    public readonly PictureIds Apply(in PictureIds ids, long source) => ids with
    {
        PictureId = (ushort)(source + _offset & (1 << ids.PictureIdBits) - 1),
        Tl0 = (byte)(ids.Tl0 + _tl0Offset),
        KeyIndex = (byte)(ids.KeyIndex + _keyIndexOffset & 0x1f),
    };
}

/// <summary>The counters given out with the newest frame so far.</summary>
internal struct PictureIdState
{
    /// <summary>Without wrap.</summary>
    public long PictureId;
    public byte Tl0;
    public byte KeyIndex;
    public bool HasPictureId;
    public bool HasTl0;
    public bool HasKeyIndex;
}
