using System.Net;
using System.Net.Sockets;
using System.Text.Json.Serialization;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Data.Sqlite;
using Sluice.Control.Admission;
using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Server.Hls;
using Sluice.Server.Http;
using Sluice.Server.Live;
using Sluice.Server.Media;
using Sluice.Server.Metrics;
using Sluice.Server.Options;
using Sluice.Storage.Sqlite;

namespace Sluice.Server.Startup;

/// <summary>One node, composed: built from arguments and an environment, started, waited for, stopped.</summary>
public sealed class SluiceHost : IAsyncDisposable
{
    private readonly SqliteDatabase _database;

    private SluiceHost(WebApplication app, LiveOptions options, SqliteDatabase database)
    {
        App = app;
        Options = options;
        _database = database;
    }

    /// <summary>The web application; its services are the node's services.</summary>
    public WebApplication App { get; }

    /// <summary>The node's options.</summary>
    public LiveOptions Options { get; }

    /// <summary>What to tell the person who started the node; set by <see cref="StartAsync"/>.</summary>
    public Welcome Welcome { get; private set; } = Welcome.Nothing;

    /// <summary>The site's address on this machine; known once started.</summary>
    public Uri LocalUrl { get; private set; } = new("http://localhost");

    /// <summary>
    /// Builds a node. <paramref name="compose"/> adds or replaces services. Throws <see cref="StartupException"/> with one clear sentence
    /// where the configuration or the data directory is not usable.
    /// </summary>
    public static SluiceHost Build(
        IReadOnlyList<string> args, IReadOnlyDictionary<string, string> environment, Action<IServiceCollection, LiveOptions>? compose = null)
    {
        if (!ConfigurationSources.TryBuild(args, environment, out var configuration, out var error)
            || !OptionReader.TryRead(configuration, out var start, out error))
        {
            throw new StartupException(error) { Code = ExitCode.Usage };
        }
        var options = new LiveOptions(configuration, start);
        var path = Path.Combine(Path.GetFullPath(start.DataDirectory), "sluice.db");
        var database = OpenDatabase(path);
        var builder = WebApplication.CreateSlimBuilder(new WebApplicationOptions
        {
            ContentRootPath = AppContext.BaseDirectory, EnvironmentName = "Production", ApplicationName = "sluice",
        });
        builder.Configuration.Sources.Clear();
        ConfigureLogging(builder.Logging, options);
        builder.WebHost.ConfigureKestrel(kestrel => ConfigureKestrel(kestrel, start.Http));
        if (start.Http.TlsEnabled) HttpsListener.Prepare(builder.WebHost);
        // A request stays on the pool thread its bytes came to: no handler blocks, and each hop wakes a thread where media has work.
        builder.WebHost.UseSockets(sockets => sockets.UnsafePreferInlineScheduling = true);
        AddServices(builder.Services, options, database);
        compose?.Invoke(builder.Services, options);
        var app = builder.Build();
        // Made now, since it counts only from when it listens.
        app.Services.GetRequiredService<MetricsCollector>();
        Routes.Map(app);
        return new SluiceHost(app, options, database);
    }

    /// <summary>Starts listening. Throws <see cref="StartupException"/> where a port cannot be had.</summary>
    public async Task StartAsync(CancellationToken cancellation = default)
    {
        var services = App.Services;
        try
        {
            await App.StartAsync(cancellation);
        }
        catch (IOException failure)
        {
            var http = Options.Start.Http;
            throw new StartupException(
                $"Http:Port {http.Port} on {http.Address?.ToString() ?? "every address"} cannot be opened ({failure.InnerException?.Message ?? failure.Message}); "
                + "stop what uses it, or start with --Http:Port=0 for a free one.", failure);
        }
        catch (SocketException failure)
        {
            throw new StartupException($"Http:Address {Options.Start.Http.Address} cannot be listened on: {failure.Message}.", failure);
        }
        // Only now: secrets that are made before a start that fails would never be shown.
        var token = await services.GetRequiredService<OperatorToken>()
            .OpenAsync(Options.Start.AdminToken, new SqliteOperatorTokenStore(_database), cancellation);
        var channels = services.GetRequiredService<ChannelDirectory>();
        NewChannel? first = null;
        if (_database.IsFresh())
            first = await channels.CreateAsync("Live", Welcome.FirstChannelId, "", ChannelSettings.Default, cancellation);
        var port = ListeningPort();
        services.GetRequiredService<NodePorts>().Announce("http", port);
        LocalUrl = new Uri($"http://{LocalHost(Options.Start.Http.Address)}:{port}");
        Options.Watch(services.GetRequiredService<ILoggerFactory>().CreateLogger("Sluice.Server.Options"));
        var firstExists = first is not null || await channels.FindAsync(Welcome.FirstChannelId, cancellation) is not null;
        var site = Options.Start.Http.PublicUrl ?? LocalUrl.ToString().TrimEnd('/');
        Welcome = new Welcome(site, token, first, firstExists, services.GetRequiredService<NodePorts>().All);
    }

    /// <summary>Waits until the process is asked to stop.</summary>
    public Task WaitAsync() => App.WaitForShutdownAsync();

    /// <inheritdoc />
    public async ValueTask DisposeAsync()
    {
        await App.DisposeAsync();
        Options.Dispose();
        _database.Dispose();
    }

    private static void AddServices(IServiceCollection services, LiveOptions options, SqliteDatabase database)
    {
        services.AddSingleton(options);
        services.AddSingleton(TimeProvider.System);
        services.AddSingleton(database);
        services.AddSingleton<IChannelStore, SqliteChannelStore>();
        services.AddSingleton<ChannelDirectory>();
        services.AddSingleton<IService, BuiltInService>();
        services.AddSingleton<OperatorToken>();
        services.AddSingleton<OperatorGate>();
        services.AddSingleton<SessionGate>();
        services.AddSingleton<Limits>();
        services.AddSingleton<ConnectionLimit>();
        services.AddSingleton<NodePorts>();
        services.AddSingleton(provider => new NodeClock(provider.GetRequiredService<TimeProvider>().GetUtcNow()));
        services.AddSingleton<LiveChannels>();
        services.AddMedia();
        services.AddSingleton<ILiveStreams, LiveStreams>();
        services.AddSingleton<IWhipSessions, WhipSessions>();
        services.AddSingleton<IWhepSessions, WhepSessions>();
        services.AddSingleton<IWhereabouts, EverythingHere>();
        services.AddSingleton<EventSubscriptions>();
        services.AddSingleton<Api.ChannelViews>();
        services.AddSingleton<MetricsCollector>();
        services.AddSingleton<WhipEndpoints.Ports>();
        services.AddSingleton<WhepEndpoints.Ports>();
        services.AddSingleton<RecordingGate>();
        services.AddSingleton<Api.RecordingEndpoints.Ports>();
        services.ConfigureHttpJsonOptions(json =>
        {
            json.SerializerOptions.TypeInfoResolverChain.Insert(0, ServerJson.Default);
            // As ServerJson has it; the OpenAPI document would say otherwise that numbers may come as strings.
            json.SerializerOptions.NumberHandling = JsonNumberHandling.Strict;
        });
        services.AddOpenApi("v1", Api.ApiDocument.Configure);
        services.Configure<HostOptions>(host => host.ShutdownTimeout = TimeSpan.FromSeconds(5));
    }

    private static void ConfigureLogging(ILoggingBuilder logging, LiveOptions options)
    {
        logging.ClearProviders();
        logging.AddSimpleConsole(console =>
        {
            console.SingleLine = true;
            console.TimestampFormat = "yyyy-MM-ddTHH:mm:ssZ ";
            console.UseUtcTimestamp = true;
        });
        logging.SetMinimumLevel(LogLevel.Trace);
        // The framework speaks only of trouble; its request lines would hold URLs, and a URL can hold a key.
        // A start that fails is told in one sentence by whoever started it, not as a stack trace by the framework.
        logging.AddFilter((category, level) => level >= options.Current.LogLevel && level >= category switch
        {
            "Microsoft.Extensions.Hosting.Internal.Host" => LogLevel.Critical,
            // Says nothing that ProblemPages does not; while it may speak at all, each request gets an activity and a scope.
            "Microsoft.AspNetCore.Hosting.Diagnostics" => LogLevel.None,
            not null when category.StartsWith("Sluice", StringComparison.Ordinal) => LogLevel.Trace,
            _ => LogLevel.Warning,
        });
    }

    private static void ConfigureKestrel(KestrelServerOptions kestrel, HttpOptions http)
    {
        kestrel.AddServerHeader = false;
        kestrel.Limits.MaxRequestBodySize = 64 * 1024;
        kestrel.Limits.MaxRequestLineSize = 4 * 1024;
        kestrel.Limits.MaxRequestHeadersTotalSize = 16 * 1024;
        kestrel.Limits.MaxRequestHeaderCount = 64;
        kestrel.Limits.RequestHeadersTimeout = TimeSpan.FromSeconds(10);
        kestrel.Limits.KeepAliveTimeout = TimeSpan.FromMinutes(2);
        kestrel.Limits.MinRequestBodyDataRate = new MinDataRate(bytesPerSecond: 240, gracePeriod: TimeSpan.FromSeconds(5));
        kestrel.Limits.MaxConcurrentConnections = http.MaxConnections;
        kestrel.Limits.MaxConcurrentUpgradedConnections = http.MaxConnections;
        if (http.Address is null)
            kestrel.ListenAnyIP(http.Port, Receive);
        else
            kestrel.Listen(http.Address, http.Port, Receive);

        // Behind the other: the first address is the one the site is told under.
        if (http.TlsEnabled) HttpsListener.Listen(kestrel, http);
    }

    private static void Receive(ListenOptions listen)
    {
        ConnectionLimit.Use(listen);
        HlsServices.UseExpress(listen);
    }

    private static SqliteDatabase OpenDatabase(string path)
    {
        try
        {
            return SqliteDatabase.Open(path);
        }
        catch (Exception failure) when (failure is SqliteException or IOException or UnauthorizedAccessException or DllNotFoundException or InvalidOperationException)
        {
            throw new StartupException($"The database {path} cannot be opened: {failure.Message}", failure);
        }
    }

    private int ListeningPort()
    {
        var addresses = App.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>();
        return BindingAddress.Parse(addresses!.Addresses.First()).Port;
    }

    private static string LocalHost(IPAddress? address) => address switch
    {
        null => "localhost",
        _ when address.Equals(IPAddress.Any) || address.Equals(IPAddress.IPv6Any) => "localhost",
        { AddressFamily: AddressFamily.InterNetworkV6 } => $"[{address}]",
        _ => address.ToString(),
    };
}
