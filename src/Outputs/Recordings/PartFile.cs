namespace Sluice.Outputs.Recordings;

/// <summary>
/// One file that grows by whole fragments. The recorder hands them over and goes on; the disk's thread writes them. Policy when the disk is slower than the
/// stream: <see cref="TryAppend"/> refuses, and the recorder leaves out pictures up to the next key picture.
/// </summary>
internal sealed class PartFile : IDisposable
{
    /// <summary>Bytes that may wait for the disk.</summary>
    public const int MaxWaiting = 32 * 1024 * 1024;

    private readonly RecordingDisk _disk;
    private FileStream? _file;
    private long _waiting;
    private long _length;
    private long _syncedAt;
    private int _writes;
    private bool _isDirty;
    private volatile string? _fault;

    public PartFile(RecordingDisk disk, string path)
    {
        _disk = disk;
        Path = path;
        disk.Post(Open);
    }

    public string Path { get; }

    /// <summary>Why nothing more can be written; null while all is well.</summary>
    public string? Fault => _fault;

    /// <summary>Bytes written in whole fragments.</summary>
    public long Length => Interlocked.Read(ref _length);

    /// <summary>Something behind the file's front is written, so that it can be played. Read when it is closed.</summary>
    public bool HasFragments => Volatile.Read(ref _writes) > 1;

    /// <summary>Less than half of what may wait does.</summary>
    public bool HasCaughtUp => Interlocked.Read(ref _waiting) < MaxWaiting / 2;

    /// <summary>Takes the buffer and writes it behind all before; false, with the buffer given back, where too much waits or the file has a fault.</summary>
    public bool TryAppend(FragmentBuffer buffer)
    {
        var length = buffer.Length;
        if (_fault is null && Interlocked.Read(ref _waiting) + length <= MaxWaiting && _disk.TryReserve(length))
        {
            Interlocked.Add(ref _waiting, length);
            _disk.Post(() => Write(buffer));
            return true;
        }

        if (_fault is null) _disk.CountGap();
        buffer.Dispose();
        return false;
    }

    /// <summary>Closes the file behind all that was handed over, and calls on the disk's thread when all of it is on the disk.</summary>
    public void Close(Action<PartFile> whenClosed) => _disk.Post(() =>
    {
        try
        {
            Sync();
        }
        catch (IOException failure)
        {
            if (_fault is null) Fail(failure.Message);
        }

        Dispose();
        whenClosed(this);
    });

    /// <summary>Closes the file at once. The disk's thread calls it.</summary>
    public void Dispose()
    {
        _file?.Dispose();
        _file = null;
    }

    private void Open()
    {
        try
        {
            Directory.CreateDirectory(System.IO.Path.GetDirectoryName(Path)!);
            // Whoever plays a recording that still grows reads beside us, and may delete it.
            _file = new FileStream(Path, FileMode.CreateNew, FileAccess.Write, FileShare.ReadWrite | FileShare.Delete, bufferSize: 0);
            _syncedAt = _disk.Time.GetTimestamp();
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            Fail(failure.Message);
        }
    }

    private void Write(FragmentBuffer buffer)
    {
        try
        {
            if (_fault is not null || _file is null) return;
            if (_disk.Room() < buffer.Length)
            {
                Fail(RecordingReasons.DiskFull);
                return;
            }

            _file.Write(buffer.Written.Span);
            Interlocked.Add(ref _length, buffer.Length);
            _disk.CountWritten(buffer.Length);
            _writes++;
            _isDirty = true;
            if (_disk.Time.GetElapsedTime(_syncedAt) >= _disk.Options.SyncInterval) Sync();
        }
        catch (IOException failure)
        {
            // What is half there would hide what comes behind it; without it the file is whole.
            Fail(_disk.Room() <= 0 ? RecordingReasons.DiskFull : failure.Message);
            TryCut();
        }
        finally
        {
            Interlocked.Add(ref _waiting, -buffer.Length);
            _disk.Release(buffer.Length);
            buffer.Dispose();
        }
    }

    private void Fail(string fault)
    {
        _fault = fault;
        _disk.CountFault();
    }

    private void Sync()
    {
        if (!_isDirty) return;
        _file?.Flush(flushToDisk: true);
        _isDirty = false;
        _syncedAt = _disk.Time.GetTimestamp();
    }

    private void TryCut()
    {
        try
        {
            _file?.SetLength(Length);
        }
        catch (IOException)
        {
            // The next start cuts it.
        }
    }
}
