using Sluice.Control.Live;
using Sluice.Control.Tracks;
using Sluice.Conversion;
using Sluice.Protocols.Sockets;
using Sluice.Server.Hls;
using Sluice.Workers.Transcoding;

namespace Sluice.Server.Media;

/// <summary>What carries media on this node: what tracks are made with, the inputs, the outputs, and the threads that read frames.</summary>
internal static class MediaServices
{
    public static void AddMedia(this IServiceCollection services)
    {
        services.AddSingleton(_ => TrackResources.MakeSlab(MaxLogBytes));
        services.AddSingleton<ITrackConverters, TrackConverters>();
        services.AddSingleton<IRenditionPlanner, RenditionPlanner>();
        services.AddSingleton<TrackResources>();
        services.AddTranscoding();
        services.AddSingleton<SessionTickets>();
        services.AddSingleton(provider => new Takeovers(provider.GetRequiredService<LiveChannels>(), provider.GetRequiredService<TimeProvider>(), static () => MonotonicClock.Now));
        services.AddSingleton<WebRtcService>();
        services.AddHostedService(provider => provider.GetRequiredService<WebRtcService>());
        services.AddRtmp();
        services.AddSingleton<ConsumerThreads>();
        services.AddHostedService(provider => provider.GetRequiredService<ConsumerThreads>());
        services.AddHls();
        services.AddHostedService<ChannelChanges>();
        services.AddThumbnails();
        services.AddRecordings();
    }

    // A quarter of what the process may use: the rest is for viewers, the site and the system's buffers.
    private static long MaxLogBytes => Math.Max(256L << 20, GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / 4);
}
