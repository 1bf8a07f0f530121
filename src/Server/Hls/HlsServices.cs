using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Outputs.Hls;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Sockets;
using Sluice.Server.Media;
using Sluice.Server.Options;

namespace Sluice.Server.Hls;

/// <summary>Composition of HLS: the output, its disk, and what a changed channel means for it.</summary>
internal static class HlsServices
{
    public static void AddHls(this IServiceCollection services)
    {
        services.AddSingleton(provider => SettingsOf(provider.GetRequiredService<LiveOptions>().Start));
        services.AddSingleton<HlsDisk>();
        services.AddSingleton(_ => new HlsCrew(Environment.ProcessorCount, static rank => ThreadPlacement.TryBind(rank, Environment.ProcessorCount)));
        services.AddSingleton(provider => new HlsOutput(
            provider.GetRequiredService<LiveChannels>(), provider.GetRequiredService<HlsSettings>(), provider.GetRequiredService<HlsDisk>(),
            provider.GetRequiredService<ConsumerThreads>().GroupOf, SettingsOf(provider.GetRequiredService<ChannelDirectory>()), provider.GetRequiredService<HlsCrew>(), static () => MonotonicClock.Now, MonotonicClock.ReadWallClock(),
            provider.GetRequiredService<TimeProvider>(), provider.GetRequiredService<ILogger<HlsOutput>>()));
        services.AddSingleton<HlsExpress>();
        services.AddHostedService<HlsChannelChanges>();
    }

    /// <summary>Puts the short way for players before HTTP on a port without TLS.</summary>
    public static void UseExpress(ListenOptions listen)
    {
        var services = listen.ApplicationServices;
        if (!services.GetRequiredService<LiveOptions>().Start.Hls.Enabled) return;
        var express = services.GetRequiredService<HlsExpress>();
        listen.Use(next => connection => express.RunAsync(connection, next));
    }

    /// <summary>Puts HLS before everything else.</summary>
    public static void Use(WebApplication app)
    {
        if (app.Services.GetRequiredService<LiveOptions>().Start.Hls.Enabled) app.UseMiddleware<HlsMiddleware>();
        else app.MapGet(HlsPath.Root + "{**path}", static () => HlsProblems.SwitchedOff()).ExcludeFromDescription();
    }

    private static HlsSettings SettingsOf(SluiceOptions options)
    {
        var hls = options.Hls;
        var part = TimeSpan.FromMilliseconds(hls.PartMilliseconds);
        var segment = TimeSpan.FromMilliseconds(hls.SegmentMilliseconds);
        return new HlsSettings
        {
            Enabled = hls.Enabled,
            Timing = new SegmentTiming { Part = part, Chunk = part / 2, Segment = segment, LongestSegment = segment * 4 },
            MpegTs = hls.MpegTs,
            SegmentsPerKey = hls.IsEncrypted ? hls.SegmentsPerKey : 0,
            EncryptsSamples = hls.EncryptsSamples,
            Start = hls.StartsAtPublish ? HlsStart.Publish : HlsStart.Demand,
            LiveWindow = TimeSpan.FromSeconds(hls.LiveWindowSeconds),
            RewindWindow = TimeSpan.FromSeconds(hls.RewindWindowSeconds),
            ReturnGrace = TimeSpan.FromSeconds(hls.ReturnGraceSeconds),
            Linger = TimeSpan.FromSeconds(hls.LingerSeconds),
            MaxViewers = hls.MaxViewers,
            Directory = hls.RewindWindowSeconds == 0 ? "" : Path.Combine(Path.GetFullPath(options.DataDirectory), "hls"),
            MaxDiskBytes = (long)hls.MaxDiskMegabytes << 20,
            DiskReserve = (long)hls.DiskReserveMegabytes << 20,
        };
    }

    private static Func<string, ValueTask<ChannelSettings?>> SettingsOf(ChannelDirectory channels) =>
        async channelId => (await channels.FindAsync(channelId))?.Settings;

    /// <summary>Carries changes of channels to their packagers: what was let in by a token that is gone is let in no longer, and what was declared is announced.</summary>
    private sealed class HlsChannelChanges(ChannelDirectory directory, HlsOutput output, IHostApplicationLifetime lifetime) : IHostedService
    {
        public Task StartAsync(CancellationToken cancellationToken)
        {
            directory.Changed += Follow;

            // Whoever waits for a part would hold the stop up.
            lifetime.ApplicationStopping.Register(output.Dispose);
            return Task.CompletedTask;
        }

        public Task StopAsync(CancellationToken cancellationToken)
        {
            directory.Changed -= Follow;
            return Task.CompletedTask;
        }

        private void Follow(ChannelChange change)
        {
            if (change.Kind is ChannelChangeKind.WatchTokenRemoved) output.Grants.Revoke(change.ChannelId);
            if (change.Kind is ChannelChangeKind.Updated) output.Describe(change.ChannelId);
            if (change.Kind is ChannelChangeKind.Removed) output.Close(change.ChannelId);
        }
    }
}
