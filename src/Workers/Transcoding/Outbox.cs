using System.Diagnostics.CodeAnalysis;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// What waits to be written to a child: bytes, put in by the thread that serves consumers and taken in one piece by the task that writes. Bounded: who puts in asks
/// for room first; a frame may go over the limit, and only the last one does.
/// </summary>
[SuppressMessage("Design", "CA1001:Types that own disposable fields should be disposable", Justification = "The semaphore makes no handle.")]
internal sealed class Outbox(int limit)
{
    private const int KeptBuffer = 256 * 1024;

    private readonly Lock _gate = new();
    private readonly SemaphoreSlim _news = new(0);
    private byte[] _filling = new byte[4096];
    private byte[] _spare = [];
    private int _count;
    private bool _isTold;
    private bool _isComplete;

    /// <summary>True while another frame may be put in.</summary>
    public bool HasRoom => Volatile.Read(ref _count) < limit;

    /// <summary>True once nothing more comes.</summary>
    public bool IsComplete => Volatile.Read(ref _isComplete);

    public void Put(ReadOnlySpan<byte> head, ReadOnlySpan<byte> payload)
    {
        lock (_gate)
        {
            if (_isComplete) return;
            var length = _count + head.Length + payload.Length;
            if (_filling.Length < length) Array.Resize(ref _filling, (int)System.Numerics.BitOperations.RoundUpToPowerOf2((uint)length));
            head.CopyTo(_filling.AsSpan(_count));
            payload.CopyTo(_filling.AsSpan(_count + head.Length));
            Volatile.Write(ref _count, length);
            Tell();
        }
    }

    /// <summary>Says that nothing more comes; what waits is still taken.</summary>
    public void Complete()
    {
        lock (_gate)
        {
            Volatile.Write(ref _isComplete, true);
            Tell();
        }
    }

    /// <summary>Says that nobody will take anything: what waits is thrown away.</summary>
    public void Abort()
    {
        lock (_gate)
        {
            Volatile.Write(ref _isComplete, true);
            Volatile.Write(ref _count, 0);
            _filling = [];
            Tell();
        }
    }

    /// <summary>Takes everything that waits; empty when it is complete. Valid until the next call. One task calls it.</summary>
    public async ValueTask<ReadOnlyMemory<byte>> TakeAsync()
    {
        while (true)
        {
            lock (_gate)
            {
                if (_count > 0)
                {
                    var taken = _filling.AsMemory(0, _count);
                    (_filling, _spare) = (_spare.Length > KeptBuffer ? [] : _spare, _filling);
                    Volatile.Write(ref _count, 0);
                    return taken;
                }

                if (_isComplete) return default;
                _isTold = false;
            }

            await _news.WaitAsync();
        }
    }

    private void Tell()
    {
        if (_isTold) return;
        _isTold = true;
        _news.Release();
    }
}
