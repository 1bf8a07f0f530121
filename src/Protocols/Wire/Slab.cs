using System.Collections.Concurrent;

namespace Sluice.Protocols.Wire;

/// <summary>
/// One page of a slab: pinned memory that has exactly one writer at a time and any number of optimistic readers.
/// </summary>
/// <remarks>
/// Readers hold no lock and no count. They remember the tag under which they found the page, use the bytes, then ask <see cref="IsStill"/>:
/// false means that the page was given to somebody else meanwhile and what was read is to be thrown away.
/// </remarks>
public sealed class SlabPage
{
    private long _tag;

    internal SlabPage(int size) => Memory = GC.AllocateUninitializedArray<byte>(size, pinned: true);

    /// <summary>The page's bytes; pinned, so that native calls may use their address for as long as the page is referenced.</summary>
    public byte[] Memory { get; }

    /// <summary>Who holds the page; unique over the lifetime of the process. 0 while nobody does.</summary>
    public long Tag => Volatile.Read(ref _tag);

    /// <summary>After reading: true where the page was not given away since it was found under <paramref name="tag"/>.</summary>
    public bool IsStill(long tag)
    {
        Volatile.ReadBarrier();
        return Volatile.Read(ref _tag) == tag;
    }

    /// <summary>Gives the page a new tag before any byte of it changes. Only the holder calls this.</summary>
    public void Retag(long tag)
    {
        // Readers that see a new byte must also see the new tag: the store of the tag may not sink below the writes that follow.
        Volatile.Write(ref _tag, tag);
        Interlocked.MemoryBarrier();
    }
}

/// <summary>
/// Pinned memory in pages of one size, leased and returned; the number of pages is bounded. Safe for any thread.
/// </summary>
/// <param name="pageSize">Bytes of one page.</param>
/// <param name="maxPages">Pages that may exist; beyond that <see cref="TryLease"/> refuses.</param>
public sealed class Slab(int pageSize, int maxPages)
{
    private static long _tags;

    private readonly ConcurrentBag<SlabPage> _free = [];
    private int _made;
    private int _leased;

    /// <summary>Bytes of one page.</summary>
    public int PageSize => pageSize;

    /// <summary>Pages leased now.</summary>
    public int Leased => Volatile.Read(ref _leased);

    /// <summary>A tag nobody has used.</summary>
    public static long NextTag() => Interlocked.Increment(ref _tags);

    /// <summary>Leases a page under a fresh tag; false at the limit: the caller reuses its oldest page instead.</summary>
    public bool TryLease(out SlabPage page)
    {
        if (!_free.TryTake(out page!))
        {
            if (Interlocked.Increment(ref _made) > maxPages)
            {
                Interlocked.Decrement(ref _made);
                return false;
            }

            page = new SlabPage(pageSize);
        }

        page.Retag(NextTag());
        Interlocked.Increment(ref _leased);
        return true;
    }

    /// <summary>Takes a page back; readers still at it find out by the tag.</summary>
    public void Return(SlabPage page)
    {
        page.Retag(0);
        Interlocked.Decrement(ref _leased);
        _free.Add(page);
    }
}
