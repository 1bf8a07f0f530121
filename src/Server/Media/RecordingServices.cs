using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Server.Metrics;
using Sluice.Server.Options;
using Sluice.Storage.ObjectStores;
using Sluice.Storage.Sqlite;

namespace Sluice.Server.Media;

/// <summary>Recordings, composed.</summary>
internal static class RecordingServices
{
    public static void AddRecordings(this IServiceCollection services)
    {
        services.AddSingleton<IRecordingStore, SqliteRecordingStore>();
        services.AddSingleton(provider => new RecordingLibrary(provider.GetRequiredService<IRecordingStore>(), RootOf(provider.GetRequiredService<LiveOptions>().Start)));
        services.AddSingleton(provider => new RecordingDisk(
            provider.GetRequiredService<RecordingLibrary>().Root, OptionsOf(provider), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RecordingDisk>>()));
        services.AddSingleton(provider => new RecordingFinisher(
            provider.GetRequiredService<RecordingLibrary>(), OptionsOf(provider), provider.GetRequiredService<TimeProvider>(),
            provider.GetRequiredService<ILogger<RecordingFinisher>>()));
        services.AddSingleton<RecordingClips>();
        services.AddSingleton<RecordingFiles>();
        services.AddSingleton(provider => new RecordingOutput(
            provider.GetRequiredService<LiveChannels>(),
            provider.GetRequiredService<ConsumerThreads>().GroupOf,
            channelId => IsWantedAsync(channelId, provider.GetRequiredService<ChannelDirectory>(), provider.GetRequiredService<LiveOptions>()),
            provider.GetRequiredService<RecordingLibrary>(),
            provider.GetRequiredService<RecordingDisk>(),
            provider.GetRequiredService<RecordingFinisher>().Enqueue,
            provider.GetRequiredService<ILogger<RecordingOutput>>()));
        services.AddSingleton<ObjectStores>();
        services.AddSingleton<RecordingService>();
        services.AddHostedService(static provider => provider.GetRequiredService<RecordingService>());
        services.AddSingleton<RecordingFigures>();
    }

    internal static string RootOf(SluiceOptions options) => options.Recording.Directory ?? Path.Combine(options.DataDirectory, "recordings");

    private static Func<RecordingOptions> OptionsOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<LiveOptions>();
        return () => options.Current.Recording.Options;
    }

    private static async ValueTask<bool> IsWantedAsync(string channelId, ChannelDirectory channels, LiveOptions options) =>
        (await channels.FindAsync(channelId))?.Settings.Records ?? options.Current.Recording.Options.Enabled;
}

/// <summary>Runs recordings with the node, and follows the channels they belong to.</summary>
internal sealed class RecordingService(
    RecordingOutput output, RecordingFinisher finisher, RecordingLibrary library, ChannelDirectory channels, ObjectStores stores,
    TimeProvider time, ILogger<RecordingUploader> uploadLog, LiveOptions options) : IHostedService, IAsyncDisposable
{
    private RecordingUploader? _uploader;

    /// <summary>What uploads finished files; null where nothing does.</summary>
    public RecordingUploader? Uploader => _uploader;

    public Task StartAsync(CancellationToken cancellationToken)
    {
        channels.Changed += Follow;
        if (stores.Remote is { } store)
        {
            _uploader = new RecordingUploader(library, store, options.Start.Recording.Upload, time, uploadLog);
            finisher.PartsFinished += Upload;
            _uploader.Start();
        }

        finisher.Start();
        output.Start();
        return Task.CompletedTask;
    }

    public async Task StopAsync(CancellationToken cancellationToken)
    {
        channels.Changed -= Follow;
        await output.DisposeAsync();
        finisher.PartsFinished -= Upload;
        await DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        var uploader = _uploader;
        _uploader = null;
        if (uploader is not null) await uploader.DisposeAsync();
    }

    private void Upload(Recording recording) => _uploader?.Wake();

    private void Follow(ChannelChange change)
    {
        if (change.Kind == ChannelChangeKind.Updated) output.Reconsider(change.ChannelId);
        if (change.Kind == ChannelChangeKind.Removed) finisher.Enqueue($"channel {change.ChannelId}", () => DeleteAll(change.ChannelId));
    }

    // What is still being closed is deleted by the round that follows.
    private void DeleteAll(string channelId)
    {
        output.ForgetChannel(channelId);
        foreach (var recording in library.List(channelId, null, int.MaxValue))
        {
            if (!library.TryDelete(recording.Id) && library.IsRunning(recording.Id))
            {
                finisher.Enqueue($"channel {channelId}", () => DeleteAll(channelId));
            }
        }
    }
}

/// <summary>The object store that is configured, if any.</summary>
internal sealed class ObjectStores(LiveOptions options) : IDisposable
{
    public IObjectStore? Remote { get; } = options.Start.Recording.S3 is { Bucket.Length: > 0 } s3 ? new S3ObjectStore(s3) : null;

    public void Dispose() => (Remote as IDisposable)?.Dispose();
}
