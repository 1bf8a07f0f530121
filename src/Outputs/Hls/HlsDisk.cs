using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sluice.Protocols.Hls.Segments;

namespace Sluice.Outputs.Hls;

/// <summary>
/// Keeps segments that have left the live edge: one thread of its own writes and deletes, so that nobody else waits for a disk. Nothing is kept beyond the limit of
/// bytes and the reserve of the disk, and nothing over a restart: a packager's segments are worth nothing without its playlists.
/// </summary>
public sealed partial class HlsDisk : IDisposable
{
    // Segments that wait to be written hold memory: more than these means the disk does not keep up.
    private const int MaxWaiting = 512;
    private static readonly TimeSpan LookInterval = TimeSpan.FromSeconds(5);

    private readonly Channel<Errand> _errands = Channel.CreateUnbounded<Errand>(new UnboundedChannelOptions { SingleReader = true });
    private readonly HlsSettings _settings;
    private readonly TimeProvider _time;
    private readonly ILogger<HlsDisk> _log;
    private readonly Thread? _thread;
    private long _held;
    private long _waiting;
    private long _lookedAt;
    private bool _hasRoom = true;

    /// <param name="settings">Where to, and how much.</param>
    /// <param name="time">When to look at the free space again.</param>
    /// <param name="log">Says when the disk is full.</param>
    public HlsDisk(HlsSettings settings, TimeProvider time, ILogger<HlsDisk> log)
    {
        _settings = settings;
        _time = time;
        _log = log;
        if (settings.Directory.Length == 0) return;
        _thread = new Thread(Run) { Name = "hls disk", IsBackground = true };
        _thread.Start();
    }

    /// <summary>Nothing is kept at all.</summary>
    public bool IsOff => _thread is null;

    /// <summary>Bytes on disk.</summary>
    public long HeldBytes => Volatile.Read(ref _held);

    private sealed record Errand(HlsFile? File, ReadOnlyMemory<byte>? Bytes, string? Folder);

    internal string FolderOf(string channelId, string tag) => Path.Combine(_settings.Directory, channelId, tag);

    /// <summary>Keeps a segment; the file says later what became of it. Any thread, returns at once.</summary>
    internal HlsFile Save(string folder, string name, MediaSegment segment)
    {
        var file = new HlsFile(Path.Combine(folder, name), segment.Length);
        if (IsOff || Interlocked.Increment(ref _waiting) > MaxWaiting)
        {
            Interlocked.Decrement(ref _waiting);
            file.Settle(false);
            return file;
        }

        _errands.Writer.TryWrite(new Errand(file, segment.Whole, null));
        return file;
    }

    /// <summary>Deletes a segment.</summary>
    internal void Delete(HlsFile file) => _errands.Writer.TryWrite(new Errand(file, null, null));

    /// <summary>Deletes all segments of a packager.</summary>
    internal void DeleteFolder(string folder) => _errands.Writer.TryWrite(new Errand(null, null, folder));

    public void Dispose()
    {
        _errands.Writer.TryComplete();
        _thread?.Join();
    }

    private void Run()
    {
        DeleteAll(_settings.Directory);
        var reader = _errands.Reader;
        while (true)
        {
            while (reader.TryRead(out var errand)) Do(errand);
            var more = reader.WaitToReadAsync().AsTask();
            if (!more.GetAwaiter().GetResult()) return;
        }
    }

    private void Do(Errand errand)
    {
        try
        {
            if (errand.Folder is { } folder) DeleteAll(folder);
            else if (errand.Bytes is { } bytes) Write(errand.File!, bytes.Span);
            else Remove(errand.File!);
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            errand.File?.Settle(false);
            LogFailed(_log, failure.Message);
        }
    }

    private void Write(HlsFile file, ReadOnlySpan<byte> bytes)
    {
        Interlocked.Decrement(ref _waiting);
        if (_held + file.Length > _settings.MaxDiskBytes || !HasRoom())
        {
            file.Settle(false);
            return;
        }

        Directory.CreateDirectory(Path.GetDirectoryName(file.Path)!);
        using (var handle = File.OpenHandle(file.Path, FileMode.Create, FileAccess.Write))
        {
            RandomAccess.Write(handle, bytes, 0);
        }

        Interlocked.Add(ref _held, file.Length);
        file.Settle(true);
    }

    private void Remove(HlsFile file)
    {
        if (!file.IsSaved) return;
        File.Delete(file.Path);
        Interlocked.Add(ref _held, -file.Length);
    }

    private void DeleteAll(string folder)
    {
        if (folder.Length == 0 || !Directory.Exists(folder)) return;
        try
        {
            var held = new DirectoryInfo(folder).EnumerateFiles("*", SearchOption.AllDirectories).Sum(f => f.Length);
            Directory.Delete(folder, recursive: true);
            Interlocked.Add(ref _held, -Math.Min(held, _held));
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException)
        {
            LogFailed(_log, failure.Message);
        }
    }

    private bool HasRoom()
    {
        var now = _time.GetTimestamp();
        if (_lookedAt != 0 && _time.GetElapsedTime(_lookedAt, now) < LookInterval) return _hasRoom;
        _lookedAt = now;
        Directory.CreateDirectory(_settings.Directory);
        var had = _hasRoom;
        _hasRoom = new DriveInfo(Path.GetFullPath(_settings.Directory)).AvailableFreeSpace > _settings.DiskReserve;
        if (had && !_hasRoom) LogFull(_log, _settings.Directory, _settings.DiskReserve);
        return _hasRoom;
    }

    [LoggerMessage(Level = LogLevel.Warning, Message = "Segments for rewinding could not be kept: {Reason}")]
    private static partial void LogFailed(ILogger log, string reason);

    [LoggerMessage(Level = LogLevel.Warning, Message = "The disk of {Directory} has less than {Reserve} bytes left: viewers can rewind only as far as memory goes")]
    private static partial void LogFull(ILogger log, string directory, long reserve);
}
