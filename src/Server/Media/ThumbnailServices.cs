using Sluice.Control.Live;
using Sluice.Control.Pictures;
using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Outputs.Thumbnails;
using Sluice.Protocols.Sockets;
using Sluice.Server.Options;
using Sluice.Workers.Pictures;

namespace Sluice.Server.Media;

/// <summary>Pictures of streams and recordings, composed.</summary>
internal static class ThumbnailServices
{
    public static void AddThumbnails(this IServiceCollection services)
    {
        services.AddSingleton<IPictureDecoder>(provider => new FfmpegPictureDecoder(provider.GetRequiredService<LiveOptions>().Start.Transcoding.FfmpegPath));
        services.AddSingleton<PictureQueue>();
        services.AddSingleton(provider => new LiveThumbnails(
            provider.GetRequiredService<LiveChannels>(), provider.GetRequiredService<PictureQueue>(), OptionsOf(provider), provider.GetRequiredService<TimeProvider>()));
        services.AddSingleton(provider => new RecordingPictures(
            provider.GetRequiredService<RecordingLibrary>(), provider.GetRequiredService<PictureQueue>(), OptionsOf(provider)));
        services.AddHostedService<ThumbnailService>();
    }

    private static Func<ThumbnailOptions> OptionsOf(IServiceProvider provider)
    {
        var options = provider.GetRequiredService<LiveOptions>();
        return () => options.Current.Thumbnails;
    }
}

/// <summary>Looks after streams once a second, and after recordings when they are ready.</summary>
internal sealed class ThumbnailService(LiveThumbnails live, RecordingPictures pictures, RecordingFinisher finisher) : BackgroundService
{
    public override Task StartAsync(CancellationToken cancellationToken)
    {
        finisher.PartsFinished += Follow;
        return base.StartAsync(cancellationToken);
    }

    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(1));
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                live.Tick(MonotonicClock.Now);
            }
        }
        catch (OperationCanceledException)
        {
            // The node stops.
        }
        finally
        {
            finisher.PartsFinished -= Follow;
        }
    }

    private void Follow(Recording recording) => pictures.Enqueue(recording);
}
