namespace Sluice.Server.Media;

/// <summary>Everything RTMP needs of the container.</summary>
internal static class RtmpServices
{
    public static void AddRtmp(this IServiceCollection services)
    {
        services.AddSingleton<RtmpKeys>();
        services.AddSingleton<RtmpService>();
        services.AddHostedService(provider => provider.GetRequiredService<RtmpService>());
    }
}
