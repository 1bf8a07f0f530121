using System.Net;
using System.Net.Quic;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.AspNetCore.Server.Kestrel.Https;
using Sluice.Server.Http;
using Sluice.Server.Media;
using Sluice.Server.Options;

namespace Sluice.Server.Startup;

/// <summary>HTTP over TLS on a port of its own: HTTP/1.1 and HTTP/2, and HTTP/3 where the system has msquic.</summary>
internal static class HttpsListener
{
    public static void Prepare(IWebHostBuilder web)
    {
        web.UseKestrelHttpsConfiguration();
        if (QuicListener.IsSupported) web.UseQuic();
    }

    public static void Listen(KestrelServerOptions kestrel, HttpOptions http)
    {
        if (http.Address is null) kestrel.ListenAnyIP(http.TlsPort, Configure);
        else kestrel.Listen(http.Address, http.TlsPort, Configure);
    }

    private static void Configure(ListenOptions listen)
    {
        var services = listen.ApplicationServices;
        var options = services.GetRequiredService<LiveOptions>();
        var files = new TlsFiles("Http", () => (options.Current.Http.TlsCertificate, options.Current.Http.TlsKey), services.GetRequiredService<ILogger<TlsFiles>>());
        ConnectionLimit.Use(listen);
        listen.Protocols = QuicListener.IsSupported ? HttpProtocols.Http1AndHttp2AndHttp3 : HttpProtocols.Http1AndHttp2;
        listen.UseHttps(new TlsHandshakeCallbackOptions { OnConnection = _ => ValueTask.FromResult(files.ForConnection()) });
    }
}
