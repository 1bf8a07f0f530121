using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using Sluice.Protocols.Wire;

namespace Sluice.Control.Tracks;

/// <summary>What a log keeps and how much it may take.</summary>
/// <param name="MaxPackets">Packets that can be found by index; a power of two.</param>
/// <param name="MaxPages">Slab pages the log may hold.</param>
/// <param name="KeepFor">How long packets stay at least, for retransmission, unless the page limit forces them out.</param>
public sealed record PacketLogLimits(int MaxPackets, int MaxPages, TimeSpan KeepFor)
{
    /// <summary>Up to 16 MiB in pages of 64 KiB: six seconds at 20 Mbit/s.</summary>
    public static PacketLogLimits Video { get; } = new(16384, 256, TimeSpan.FromSeconds(2));

    /// <summary>Up to 512 KiB.</summary>
    public static PacketLogLimits Audio { get; } = new(1024, 8, TimeSpan.FromSeconds(2));
}

/// <summary>
/// The packets face of a track: an append-only ring written by one thread and read by any number of cursors on any thread, without locks.
/// </summary>
/// <remarks>
/// <para>A record (header, extensions, payload) lies in one page. The ring of pages grows by leasing from the slab while the newest
/// picture group or the retransmission window needs it, and otherwise reuses its oldest page: memory follows the stream's own rhythm.</para>
/// <para>Reading is optimistic: <see cref="TryRead"/> gives spans into the page; the reader copies or encrypts out of them, then asks
/// <see cref="PacketView.IsStillValid"/>. A reader that was overtaken discards what it made.</para>
/// <para>Policy at the limit: the oldest page is reused, even where it holds the newest key picture; readers there jump.</para>
/// </remarks>
public sealed class PacketLog
{
    private const int Alignment = 8;
    private const int FetchedAhead = 4 * 64; // the processor sees by itself how it goes on
    private static readonly int HeaderSize = Unsafe.SizeOf<PacketHeader>();

    private readonly Slab _slab;
    private readonly PacketLogLimits _limits;
    private readonly int _indexMask;
    private readonly int _pageMask;

    private readonly long[] _positions;          // by index: page number << 20 | offset in the page
    private readonly long[]? _indexBySequence;   // by sequence: index + 1
    private readonly SlabPage?[] _pages;         // by page number
    private readonly long[] _pageTags;           // by page number: the tag the page was leased or reused under
    private readonly long[] _pageNumbers;        // by page number: the number itself, which tells a page from the one a whole ring later
    private readonly PageSummary[] _summaries;   // by page number; only the writer looks

    private long _head;                          // next index to be written
    private byte[] _page = [];                   // the newest page's memory
    private Instant _lastArrival;                // of its newest record; its summary is written when it is full
    private long _firstPage;                     // oldest page still held
    private long _nextPage;                      // number the next page gets
    private int _offset;                         // where in the newest page the next record goes
    private long _keyframe = -1;
    private long _keyframeTimestamp = long.MinValue;
    private long _keyframes;
    private bool _released;

    private struct PageSummary
    {
        public long LastIndex;
        public Instant LastArrival;
    }

    /// <param name="slab">Where its memory comes from.</param>
    /// <param name="limits">How much it may keep.</param>
    /// <param name="findsSequences">False where nobody looks for sequence numbers: <see cref="TryFind"/> finds nothing then.</param>
    public PacketLog(Slab slab, PacketLogLimits limits, bool findsSequences = true)
    {
        Debug.Assert(int.IsPow2(limits.MaxPackets));
        _slab = slab;
        _limits = limits;
        _indexMask = limits.MaxPackets - 1;
        _positions = new long[limits.MaxPackets];
        if (findsSequences) _indexBySequence = new long[limits.MaxPackets];
        var pageSlots = (int)uint.Max(2, System.Numerics.BitOperations.RoundUpToPowerOf2((uint)limits.MaxPages));
        _pageMask = pageSlots - 1;
        _pages = new SlabPage?[pageSlots];
        _pageTags = new long[pageSlots];
        _pageNumbers = new long[pageSlots];
        _summaries = new PageSummary[pageSlots];
    }

    /// <summary>The index the next packet will get: everything below has been written.</summary>
    public long Head => Volatile.Read(ref _head);

    /// <summary>Where the newest picture that needs no other begins; -1 before the first one.</summary>
    public long NewestKeyframe => Volatile.Read(ref _keyframe);

    /// <summary>Key pictures seen so far.</summary>
    public long Keyframes => Volatile.Read(ref _keyframes);

    /// <summary>Bytes of page memory held now.</summary>
    public long HeldBytes => (Volatile.Read(ref _nextPage) - Volatile.Read(ref _firstPage)) * _slab.PageSize;

    /// <summary>The largest record a page can hold.</summary>
    public int MaxRecord => _slab.PageSize - HeaderSize;

    /// <summary>
    /// Appends one packet. Only the track's input calls this, on one thread. False where the node has no memory left for a first page, or
    /// the log has been released.
    /// </summary>
    public bool Append(ref PacketHeader header, ReadOnlySpan<byte> extensions, ReadOnlySpan<byte> payload)
    {
        var size = HeaderSize + extensions.Length + payload.Length;
        if (_released || size > _slab.PageSize || !MakeRoom(size, header.ArrivedAt)) return false;

        var pageNumber = _nextPage - 1;
        var memory = _page.AsSpan(_offset, size);
        var index = _head;
        header.Index = index;
        header.ExtensionsLength = (ushort)extensions.Length;
        header.PayloadLength = (ushort)payload.Length;
        MemoryMarshal.Write(memory, in header);
        extensions.CopyTo(memory[HeaderSize..]);
        payload.CopyTo(memory[(HeaderSize + extensions.Length)..]);

        _lastArrival = header.ArrivedAt;
        Volatile.Write(ref _positions[index & _indexMask], pageNumber << 20 | (uint)_offset);
        if (_indexBySequence is { } bySequence) Volatile.Write(ref bySequence[header.Sequence & _indexMask], index + 1);
        _offset = (_offset + size + Alignment - 1) & ~(Alignment - 1);

        if (header.Has(PacketFlags.StartsKeyframe) && header.Timestamp > _keyframeTimestamp)
        {
            // Parameter sets and the picture share a timestamp: the first of them is the beginning.
            _keyframeTimestamp = header.Timestamp;
            Volatile.Write(ref _keyframe, index);
            Volatile.Write(ref _keyframes, _keyframes + 1);
        }

        Volatile.Write(ref _head, index + 1);
        return true;
    }

    /// <summary>
    /// Finds the packet at an index. False where it is not there yet, or not there any more; <paramref name="index"/> below
    /// <see cref="Head"/> then means that the reader was overtaken and should jump.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public bool TryRead(long index, out PacketView view)
    {
        view = default;
        var head = Volatile.Read(ref _head);
        if (index < 0 || index >= head || head - index > _indexMask) return false;

        var position = Volatile.Read(ref _positions[index & _indexMask]);
        var pageNumber = position >> 20;
        var slot = (int)pageNumber & _pageMask;
        var tag = Volatile.Read(ref _pageTags[slot]);
        var page = Volatile.Read(ref _pages[slot]);
        if (page is null || tag == 0 || !page.IsStill(tag)) return false;

        // The place may have got a newer page meanwhile, even the same memory with the old bytes still in it and about to change under the new tag.
        if (Volatile.Read(ref _pageNumbers[slot]) != pageNumber) return false;

        var bytes = page.Memory.AsSpan((int)(position & 0xfffff));
        var header = MemoryMarshal.Read<PacketHeader>(bytes);
        var length = HeaderSize + header.ExtensionsLength + header.PayloadLength;
        if (header.Index != index || length > bytes.Length || !page.IsStill(tag)) return false;

        view = new PacketView(header, bytes.Slice(HeaderSize, header.ExtensionsLength),
            bytes.Slice(HeaderSize + header.ExtensionsLength, header.PayloadLength), page, tag);
        return true;
    }

    /// <summary>Finds a packet by the source's sequence number, for retransmission.</summary>
    public bool TryFind(long sequence, out PacketView view)
    {
        view = default;
        return _indexBySequence is { } bySequence && TryRead(Volatile.Read(ref bySequence[sequence & _indexMask]) - 1, out view) && view.Header.Sequence == sequence;
    }

    /// <summary>True where a packet of this sequence number is in the log.</summary>
    public bool Contains(long sequence) => TryFind(sequence, out _);

    /// <summary>
    /// What is in the log is no place to begin at any more: new readers wait for the next key picture. Only the writer calls this.
    /// </summary>
    public void ForgetKeyframe() => Volatile.Write(ref _keyframe, -1);

    /// <summary>Gives the memory back; called by the writer when the track has ended. Readers find nothing from then on.</summary>
    public void Release()
    {
        if (_released) return;
        _released = true;
        Clear();
    }

    /// <summary>Gives back the memory of what is held, of which nobody will want anything; numbers go on. Only the writer calls this.</summary>
    public void Clear()
    {
        ForgetKeyframe();
        while (_firstPage < _nextPage)
        {
            DropOldestPage();
        }
    }

    /// <summary>Adds what appending touches to a set; only the writer calls this.</summary>
    internal void Gather(ref WorkingSet set)
    {
        set.Add(this);
        set.Add(_positions);
    }

    /// <summary>Asks for the place the next record goes to, after what <see cref="Gather"/> named was fetched.</summary>
    internal unsafe void FetchHead()
    {
        Prefetch.Memory(Unsafe.AsPointer(ref _positions[_head & _indexMask]), 1);
        if (_offset < _page.Length) Prefetch.Memory(Unsafe.AsPointer(ref _page[_offset]), FetchedAhead);
    }

    private bool MakeRoom(int size, Instant now)
    {
        var held = _nextPage - _firstPage;
        if (held > 0)
        {
            if (_offset + size <= _page.Length) return true;
            _summaries[(int)(_nextPage - 1) & _pageMask] = new PageSummary { LastIndex = _head - 1, LastArrival = _lastArrival };
        }

        SlabPage? page = null;
        if (held > 1 && IsOldestExpendable(now))
        {
            page = TakeOldestPage();

            // A stream that calmed down gives back what its busiest moment took, a page for each page it fills.
            if (held > 2 && IsOldestExpendable(now)) DropOldestPage();
        }
        else if (held >= _limits.MaxPages || !_slab.TryLease(out page))
        {
            if (held == 0) return false;
            page = TakeOldestPage();
        }

        var tag = Slab.NextTag();
        page.Retag(tag);
        var slot = (int)_nextPage & _pageMask;
        Volatile.Write(ref _pageTags[slot], 0);
        Volatile.Write(ref _pageNumbers[slot], _nextPage);
        Volatile.Write(ref _pages[slot], page);
        Volatile.Write(ref _pageTags[slot], tag);
        _page = page.Memory;
        _nextPage++;
        _offset = 0;
        return true;
    }

    private bool IsOldestExpendable(Instant now)
    {
        ref var summary = ref _summaries[(int)_firstPage & _pageMask];
        return summary.LastArrival + _limits.KeepFor < now && (_keyframe < 0 || summary.LastIndex < _keyframe);
    }

    private SlabPage TakeOldestPage()
    {
        var slot = (int)_firstPage & _pageMask;
        var page = _pages[slot]!;
        Volatile.Write(ref _pageTags[slot], 0);
        Volatile.Write(ref _pages[slot], null);
        Volatile.Write(ref _firstPage, _firstPage + 1);
        return page;
    }

    private void DropOldestPage() => _slab.Return(TakeOldestPage());
}

/// <summary>
/// One packet of a log, seen in place. Use the bytes, then ask <see cref="IsStillValid"/>: false means that the writer has overtaken the
/// reader, and that what was made of the bytes is void.
/// </summary>
public readonly ref struct PacketView
{
    private readonly SlabPage _page;
    private readonly long _tag;

    internal PacketView(PacketHeader header, ReadOnlySpan<byte> extensions, ReadOnlySpan<byte> payload, SlabPage page, long tag)
    {
        Header = header;
        Extensions = extensions;
        Payload = payload;
        _page = page;
        _tag = tag;
    }

    /// <summary>A copy of the record's header.</summary>
    public readonly PacketHeader Header;

    /// <summary>The normalised header extensions.</summary>
    public readonly ReadOnlySpan<byte> Extensions;

    /// <summary>The RTP payload.</summary>
    public readonly ReadOnlySpan<byte> Payload;

    /// <summary>True where everything read from the spans so far was what the source sent.</summary>
    public bool IsStillValid => _page.IsStill(_tag);
}
