using Sluice.Control.Live;
using Sluice.Protocols.Sockets;
using Sluice.Server.Options;
using Sluice.Workers.Transcoding;

namespace Sluice.Server.Media;

/// <summary>The workshop that makes renditions, from the node's start to its stop.</summary>
internal static class TranscodingServices
{
    public static void AddTranscoding(this IServiceCollection services)
    {
        services.AddSingleton(provider => new TranscodingWorkshop(
            provider.GetRequiredService<LiveOptions>().Start.Transcoding, provider.GetRequiredService<ConsumerThreads>().GroupOf, () => MonotonicClock.Now,
            provider.GetRequiredService<ILogger<TranscodingWorkshop>>()));
        services.AddHostedService<Opening>();
    }

    // The converter is asked what it can do before the first publisher can come.
    private sealed class Opening(TranscodingWorkshop workshop, LiveChannels channels) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            channels.StreamEnded += workshop.Close;
            return Task.Run(workshop.Start, cancellationToken);
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            channels.StreamEnded -= workshop.Close;
            return Task.Run(workshop.Stop, cancellationToken);
        }
    }
}
