using System.Collections.Concurrent;
using System.Globalization;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Sluice.Control.Recordings;

namespace Sluice.Outputs.Recordings;

/// <summary>
/// Brings finished files into an object store, one at a time, the oldest first. How far an upload is lies in the database after every piece, so that it goes on there
/// after a restart. What fails is tried again, later and later.
/// </summary>
public sealed partial class RecordingUploader : IAsyncDisposable
{
    private static readonly TimeSpan FirstPause = TimeSpan.FromSeconds(5);
    private static readonly TimeSpan LongestPause = TimeSpan.FromMinutes(10);

    private readonly RecordingLibrary _library;
    private readonly IObjectStore _store;
    private readonly UploadOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _log;

    // Holds one word: who is told already need not hear it twice, and who has ended hears nothing.
    private readonly Channel<bool> _news = Channel.CreateBounded<bool>(new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite, SingleReader = true });
    private readonly CancellationTokenSource _stop = new();
    private readonly ConcurrentQueue<string> _removed = new();
    private Task _working = Task.CompletedTask;
    private long _failures;

    public RecordingUploader(RecordingLibrary library, IObjectStore store, UploadOptions options, TimeProvider time, ILogger<RecordingUploader> log)
    {
        _library = library;
        _store = store;
        _options = options;
        _time = time;
        _log = log;
    }

    /// <summary>Attempts that failed; what failed is tried again.</summary>
    public long Failures => Interlocked.Read(ref _failures);

    /// <summary>Begins with what is left from before.</summary>
    public void Start()
    {
        _library.UploadedRemoved += Remove;
        _working = Task.Run(WorkAsync);
    }

    /// <summary>Something has been finished. Any thread, also after the end.</summary>
    public void Wake() => _news.Writer.TryWrite(true);

    /// <summary>The key of a part's object.</summary>
    public static string KeyOf(string channelId, string recordingId, int number) =>
        string.Create(CultureInfo.InvariantCulture, $"{channelId}/{recordingId}/{number:D4}.mp4");

    /// <summary>Deletes what was removed and uploads everything that waits, one after the other; the first failure ends it.</summary>
    public async Task UploadAllAsync(CancellationToken cancel)
    {
        while (_removed.TryPeek(out var key))
        {
            await _store.DeleteAsync(key, cancel);
            _removed.TryDequeue(out _);
        }

        while (_library.Store.NotUploaded() is [var next, ..])
        {
            await UploadAsync(next, cancel);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _library.UploadedRemoved -= Remove;
        await _stop.CancelAsync();
        await _working;
        _stop.Dispose();
        _news.Writer.Complete();
    }

    private void Remove(StoredPart part)
    {
        _removed.Enqueue(KeyOf(part.ChannelId, part.RecordingId, part.Part.Number));
        Wake();
    }

    private async Task WorkAsync()
    {
        var pause = FirstPause;
        while (!_stop.IsCancellationRequested)
        {
            try
            {
                await UploadAllAsync(_stop.Token);
                pause = FirstPause;
                await _news.Reader.ReadAsync(_stop.Token);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                return;
            }
            catch (Exception failure)
            {
                Interlocked.Increment(ref _failures);
                LogFailed(_store.Name, failure.Message, pause);
                await Task.Delay(pause, _time, _stop.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
                pause = pause * 2 < LongestPause ? pause * 2 : LongestPause;
            }
        }
    }

    private async Task UploadAsync(StoredPart stored, CancellationToken cancel)
    {
        var (recordingId, part) = (stored.RecordingId, stored.Part);
        var key = KeyOf(stored.ChannelId, recordingId, part.Number);
        var path = _library.FileOf(stored.ChannelId, recordingId, part.Number);
        FileStream file;
        try
        {
            file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite | FileShare.Delete, 1, FileOptions.Asynchronous);
        }
        catch (Exception failure) when (failure is FileNotFoundException or DirectoryNotFoundException)
        {
            _library.Store.RemovePart(recordingId, part.Number);
            LogGone(path);
            return;
        }

        await using (file)
        {
            var upload = _library.Store.FindUpload(recordingId, part.Number);
            if (upload is not null && (upload.PieceSize != _options.PieceSize || !await _store.KnowsAsync(key, upload.UploadId, upload.Pieces, cancel))) upload = null;
            upload ??= new PartUpload(await _store.BeginAsync(key, cancel), _options.PieceSize, []);
            _library.Store.PutUpload(recordingId, part.Number, upload);
            var buffer = new byte[_options.PieceSize];
            file.Position = upload.Pieces.Count * upload.PieceSize;
            try
            {
                while (file.Position < file.Length || upload.Pieces.Count == 0)
                {
                    var count = await file.ReadAtLeastAsync(buffer, buffer.Length, throwOnEndOfStream: false, cancel);
                    var tag = await _store.PutPieceAsync(key, upload.UploadId, upload.Pieces.Count + 1, buffer.AsMemory(0, count), cancel);
                    upload = upload with { Pieces = [.. upload.Pieces, tag] };
                    _library.Store.PutUpload(recordingId, part.Number, upload);
                }

                await _store.CompleteAsync(key, upload.UploadId, upload.Pieces, file.Length, cancel);
            }
            catch (ObjectStoreException failure) when (failure.IsGone)
            {
                // The next try begins anew.
                _library.Store.RemoveUpload(recordingId, part.Number);
                throw;
            }
        }

        _library.Store.RemoveUpload(recordingId, part.Number);
        if (_library.Store.Find(recordingId)?.Parts.Any(p => p.Number == part.Number) != true)
        {
            // Deleted while it was on its way.
            await _store.DeleteAsync(key, cancel);
            return;
        }

        var uploaded = part with { IsUploaded = true };
        _library.Store.Put(recordingId, uploaded);

        LogUploaded(key, _store.Name);
        if (_options.DeletesLocal) _library.DeleteLocal(stored with { Part = uploaded });
    }

    [LoggerMessage(Level = LogLevel.Information, Message = "{Key} is in {Store}")]
    private partial void LogUploaded(string key, string store);

    [LoggerMessage(Level = LogLevel.Warning, Message = "Uploading to {Store} failed, next try in {Pause}: {Reason}")]
    private partial void LogFailed(string store, string reason, TimeSpan pause);

    [LoggerMessage(Level = LogLevel.Warning, Message = "{Path} was to be uploaded, but is gone")]
    private partial void LogGone(string path);
}

/// <summary>How files are uploaded.</summary>
public sealed record UploadOptions
{
    /// <summary>Bytes of a piece; at most 10000 pieces make an object, and none but the last may be below 5 MiB.</summary>
    public long PieceSize { get; init; } = 16 * 1024 * 1024;

    /// <summary>The local file is deleted when its object is there and verified.</summary>
    public bool DeletesLocal { get; init; }
}
