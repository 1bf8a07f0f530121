using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Server.Doctor;
using Sluice.Storage.ObjectStores;
using Sluice.Testing;
using Sluice.Testing.Media;

namespace Sluice.Server.Tests.Recordings;

/// <summary>
/// Finished files go into an S3-compatible store: a real server of another maker (s3rver). It knows whose key comes, but does not check signatures of version 4;
/// those are made by Amazon's own library.
/// </summary>
public sealed class UploadTests : IAsyncLifetime, IDisposable
{
    private const int PieceSize = 5 * 1024 * 1024;
    private readonly Studio _studio = new();
    private S3Server? _server;

    public async Task InitializeAsync() => _server = S3Server.IsInstalled ? await S3Server.StartAsync() : null;

    public void Dispose() => _studio.Dispose();

    public async Task DisposeAsync()
    {
        if (_server is not null) await _server.DisposeAsync();
    }

    [S3Fact]
    public async Task A_file_arrives_whole_in_pieces_and_is_read_back_by_ranges()
    {
        var (recording, bytes) = await RecordAsync();
        using var store = Store();
        await using var uploader = Uploader(store);
        await uploader.UploadAllAsync(default);
        Assert.True(_studio.Library.Find(recording.Id)!.Parts[0].IsUploaded);
        Assert.Null(_studio.Store.FindUpload(recording.Id, 1));
        Assert.Empty(_studio.Store.NotUploaded());
        await using var stream = new ObjectStream(store, RecordingUploader.KeyOf(Studio.Channel, recording.Id, 1), bytes.Length);
        using var copy = new MemoryStream();
        await stream.CopyToAsync(copy);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(copy.ToArray()));
        stream.Position = 6_000_000;
        var some = new byte[1000];
        await stream.ReadExactlyAsync(some);
        Assert.True(bytes.AsSpan(6_000_000, 1000).SequenceEqual(some));
    }

    [S3Fact]
    public async Task An_upload_goes_on_where_it_was_and_sends_no_piece_twice()
    {
        var (recording, bytes) = await RecordAsync();
        using var store = Store();
        var broken = new Interrupted(store, after: 1);
        await using (var first = Uploader(broken))
        {
            await Assert.ThrowsAsync<ObjectStoreException>(() => first.UploadAllAsync(default));
        }

        var upload = _studio.Store.FindUpload(recording.Id, 1)!;
        Assert.Single(upload.Pieces);
        var counted = new Interrupted(store, after: int.MaxValue);
        await using var second = Uploader(counted);
        await second.UploadAllAsync(default);
        Assert.Equal((bytes.Length + PieceSize - 1) / PieceSize - 1, counted.Pieces);
        using var opened = await store.OpenAsync(RecordingUploader.KeyOf(Studio.Channel, recording.Id, 1), 0, bytes.Length, default);
        using var copy = new MemoryStream();
        await opened.CopyToAsync(copy);
        Assert.Equal(SHA256.HashData(bytes), SHA256.HashData(copy.ToArray()));
    }

    [S3Fact]
    public async Task An_upload_the_store_has_forgotten_begins_anew()
    {
        var (recording, _) = await RecordAsync();
        _studio.Store.PutUpload(recording.Id, 1, new PartUpload("00000000000000000000000000000000", PieceSize, ["0123456789abcdef0123456789abcdef"]));
        using var store = Store();
        await using var uploader = Uploader(store);
        await Assert.ThrowsAnyAsync<ObjectStoreException>(() => uploader.UploadAllAsync(default));
        _studio.Store.RemoveUpload(recording.Id, 1);
        await uploader.UploadAllAsync(default);
        Assert.True(_studio.Library.Find(recording.Id)!.Parts[0].IsUploaded);
    }

    [S3Fact]
    public async Task A_key_that_is_none_is_refused_and_its_secret_never_told()
    {
        await RecordAsync();
        using var store = new S3ObjectStore(_server!.Options with { AccessKey = "NOBODY", SecretKey = "not-the-secret" });
        await using var uploader = Uploader(store);
        var refused = await Assert.ThrowsAsync<ObjectStoreException>(() => uploader.UploadAllAsync(default));
        Assert.DoesNotContain("not-the-secret", refused.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-secret", store.Name, StringComparison.Ordinal);
    }

    [S3Fact]
    public async Task The_local_file_goes_when_its_object_is_there_and_the_object_goes_with_the_recording()
    {
        var (recording, bytes) = await RecordAsync();
        using var store = Store();
        await using var uploader = new RecordingUploader(
            _studio.Library, store, new UploadOptions { PieceSize = PieceSize, DeletesLocal = true }, _studio.Clock, NullLogger<RecordingUploader>.Instance);
        await uploader.UploadAllAsync(default);
        Assert.False(File.Exists(_studio.FileOf(recording)));
        var part = Assert.Single(_studio.Library.Find(recording.Id)!.Parts);
        Assert.Equal((false, true, (long)bytes.Length), (part.IsLocal, part.IsUploaded, part.Size));
        Assert.Null(_studio.Clips.Begin(_studio.Library.Find(recording.Id)!, TimeSpan.Zero, TimeSpan.FromSeconds(1)));

        uploader.Start();
        Assert.True(_studio.Library.TryDelete(recording.Id));
        await uploader.UploadAllAsync(default);
        var key = RecordingUploader.KeyOf(Studio.Channel, recording.Id, 1);
        Assert.True(SpinWait.SpinUntil(() => !File.Exists(_server!.FileOf(key)), TimeSpan.FromSeconds(10)));
        await Assert.ThrowsAsync<ObjectStoreException>(() => store.OpenAsync(key, 0, 10, default));
    }

    [S3Fact]
    public async Task A_file_that_only_the_store_has_is_given_out_by_the_same_address()
    {
        var s3 = _server!.Options;
        await using var node = await RunningNode.StartAsync(
            "--Recording:Enabled=true", "--Recording:ReserveBytes=1M", $"--Recording:S3:Endpoint={s3.Endpoint}", $"--Recording:S3:Bucket={s3.Bucket}",
            "--Recording:S3:AccessKey=S3RVER", "--Recording:S3:SecretKey=S3RVER", "--Recording:S3:Prefix=live/", "--Recording:S3:DeleteLocal=true");
        var recorder = new NodeRecorder(node);
        var id = await recorder.RecordAsync("live", "h264+aac");
        var library = node.Host.App.Services.GetRequiredService<RecordingLibrary>();
        recorder.Until(() => library.Find(id)!.Parts[0] is { IsLocal: false } && !File.Exists(library.FileOf("live", id, 1)));
        var whole = await node.Client.GetByteArrayAsync($"/recordings/{id}/1.mp4");
        Assert.Equal(library.Find(id)!.Size, whole.Length);
        using var request = new HttpRequestMessage(HttpMethod.Get, $"/recordings/{id}/1.mp4");
        request.Headers.Range = new(1000, 1999);
        using var part = await node.Client.SendAsync(request);
        Assert.Equal(HttpStatusCode.PartialContent, part.StatusCode);
        Assert.Equal(whole[1000..2000], await part.Content.ReadAsByteArrayAsync());
        Assert.Equal(
            Ffmpeg.DecodedFrames(Footage.Of("h264+aac").File, 'v'), Ffmpeg.DecodedFrames(new Uri(node.Client.BaseAddress!, $"/recordings/{id}/1.mp4").ToString(), 'v'));
        Assert.DoesNotContain("S3RVER", node.Log.Text, StringComparison.Ordinal);
        var metrics = (await node.SendAsync("GET", "/metrics")).Body;
        Assert.Contains("\nsluice_recording_uploads_waiting 0\n", metrics, StringComparison.Ordinal);
        Assert.Contains("\nsluice_recording_upload_failures_total 0\n", metrics, StringComparison.Ordinal);
    }

    [S3Fact]
    public async Task The_doctor_tries_the_store_and_tells_no_secret()
    {
        Assert.Equal(Health.Ok, (await RecordingChecks.StoreAsync(_server!.Options)).Health);
        foreach (var wrong in new[] { _server.Options with { AccessKey = "NOBODY", SecretKey = "not-the-secret" }, _server.Options with { Bucket = "no-such-bucket" }, _server.Options with { Endpoint = "http://127.0.0.1:1" } })
        {
            var found = await RecordingChecks.StoreAsync(wrong);
            Assert.Equal(Health.Fail, found.Health);
            Assert.DoesNotContain("not-the-secret", found.ToString(), StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task News_that_come_when_the_uploads_have_ended_disturb_nobody()
    {
        using var store = new S3ObjectStore(new S3Options { Endpoint = "http://127.0.0.1:1", Bucket = "none", AccessKey = "A", SecretKey = "S" });
        var uploader = Uploader(store);
        uploader.Start();
        await uploader.DisposeAsync();
        uploader.Wake();
        uploader.Wake();
    }

    private S3ObjectStore Store() => new(_server!.Options);

    private RecordingUploader Uploader(IObjectStore store) =>
        new(_studio.Library, store, new UploadOptions { PieceSize = PieceSize }, _studio.Clock, NullLogger<RecordingUploader>.Instance);

    private async Task<(Recording Recording, byte[] Bytes)> RecordAsync()
    {
        var stream = _studio.Publish(Footage.Of("h264+aac", "1280x720"));
        for (var i = 0; i < 24; i++)
        {
            _studio.Play(stream, 1, loops: true);
            await _studio.Disk.SettleAsync();
        }

        _studio.End(stream);
        var recording = Assert.Single(await _studio.DevelopAsync());
        var bytes = await File.ReadAllBytesAsync(_studio.FileOf(recording));
        Assert.True(bytes.Length > 2 * PieceSize, $"{bytes.Length} bytes make too few pieces");
        return (recording, bytes);
    }

    /// <summary>A store that fails after so many pieces.</summary>
    private sealed class Interrupted(IObjectStore inner, int after) : IObjectStore
    {
        public int Pieces { get; private set; }

        public string Name => inner.Name;

        public Task<string> BeginAsync(string key, CancellationToken cancel) => inner.BeginAsync(key, cancel);

        public Task<string> PutPieceAsync(string key, string uploadId, int number, ReadOnlyMemory<byte> piece, CancellationToken cancel)
        {
            if (Pieces == after) throw new ObjectStoreException("the line is cut");
            Pieces++;
            return inner.PutPieceAsync(key, uploadId, number, piece, cancel);
        }

        public Task CompleteAsync(string key, string uploadId, IReadOnlyList<string> pieces, long length, CancellationToken cancel) =>
            inner.CompleteAsync(key, uploadId, pieces, length, cancel);

        public Task<bool> KnowsAsync(string key, string uploadId, IReadOnlyList<string> pieces, CancellationToken cancel) => inner.KnowsAsync(key, uploadId, pieces, cancel);

        public Task<Stream> OpenAsync(string key, long offset, long length, CancellationToken cancel) => inner.OpenAsync(key, offset, length, cancel);

        public Task DeleteAsync(string key, CancellationToken cancel) => inner.DeleteAsync(key, cancel);
    }
}

/// <summary>The S3 server that comes with the packages of tests/Interop.</summary>
internal sealed class S3Server : IAsyncDisposable
{
    private const string Bucket = "recordings";
    private readonly Process _process;
    private readonly string _folder;

    private S3Server(Process process, string folder, int port)
    {
        _process = process;
        _folder = folder;
        Options = new S3Options { Endpoint = $"http://127.0.0.1:{port}", Bucket = Bucket, AccessKey = "S3RVER", SecretKey = "S3RVER", Prefix = "live/" };
    }

    public static bool IsInstalled => Ffmpeg.IsOnPath("node") && File.Exists(Script) && Ffmpeg.IsInstalled;

    public S3Options Options { get; }

    private static string Script => Checkout.PathOf("tests", "Interop", "node_modules", "s3rver", "bin", "s3rver.js");

    public string FileOf(string key) => Path.Combine(_folder, Bucket, "live", key + "._S3rver_object");

    public static async Task<S3Server> StartAsync()
    {
        var folder = Directory.CreateTempSubdirectory("sluice-s3-").FullName;
        var port = FreePort();
        var start = new ProcessStartInfo("node", [Script, "-d", folder, "-a", "127.0.0.1", "-p", $"{port}", "--no-vhost-buckets", "--configure-bucket", Bucket])
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        var process = Process.Start(start)!;
        while (await process.StandardOutput.ReadLineAsync() is { } line)
        {
            if (line.Contains("listening", StringComparison.OrdinalIgnoreCase)) break;
        }

        Assert.False(process.HasExited, "the S3 server did not start");
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        return new S3Server(process, folder, port);
    }

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
        Directory.Delete(_folder, recursive: true);
    }

    private static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }
}

/// <summary>A fact that needs ffmpeg, node and the packages of tests/Interop: skipped, and says so, where they are not there.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class S3FactAttribute : FactAttribute
{
    public S3FactAttribute()
    {
        if (!S3Server.IsInstalled) Skip = "ffmpeg, node or s3rver (npm ci --prefix tests/Interop) is not installed";
    }
}
