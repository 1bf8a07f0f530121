using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Logging;
using Sluice.Server.Options;
using Sluice.Server.Startup;
using Sluice.Testing;

namespace Sluice.Server.Tests.Options;

public sealed class OptionTests
{
    private static readonly Dictionary<string, string> Empty = [];

    [Fact]
    public void The_sample_has_every_key_with_its_default()
    {
        var path = Checkout.PathOf("sluice.sample.jsonc");
        Assert.True(ConfigurationSources.TryBuild([$"--config={path}"], Empty, out var configuration, out var error), error);
        Assert.True(OptionReader.TryRead(configuration, out var read, out error), error);
        foreach (var row in OptionTable.Rows)
            Assert.True(configuration.AsEnumerable().Any(p => p.Key == row.Key || p.Key.StartsWith(row.Key + ":", StringComparison.Ordinal)), $"{row.Key} is missing");
        Assert.True(OptionReader.TryRead(new ConfigurationBuilder().Build(), out var defaults, out _));
        Assert.Equal(Text(defaults), Text(read));
    }

    [Fact]
    public void The_sample_says_which_keys_are_live()
    {
        var lines = File.ReadAllLines(Checkout.PathOf("sluice.sample.jsonc"));
        foreach (var row in OptionTable.Rows)
        {
            var name = row.Key.Split(':')[1];
            var at = Enumerable.Range(0, lines.Length).FirstOrDefault(
                i => lines[i].TrimStart().StartsWith($"\"{name}\":", StringComparison.Ordinal) && IsIn(lines, i, row.Key.Split(':')[0]), -1);
            var comment = "";
            for (var i = at - 1; i > 0 && lines[i].TrimStart().StartsWith("//", StringComparison.Ordinal); i--)
                comment = lines[i] + comment;
            Assert.True(comment.Contains("[live]", StringComparison.Ordinal) == row.Live, row.Key);
        }
    }

    [Theory]
    [InlineData("--Http:Port=70000", "Http:Port")]
    [InlineData("--Http:Port=-1", "Http:Port")]
    [InlineData("--Http:Port=http", "Http:Port")]
    [InlineData("--Http:Port=", "Http:Port")]
    [InlineData("--Http:Address=nowhere", "Http:Address")]
    [InlineData("--Http:PublicUrl=live.example.org", "Http:PublicUrl")]
    [InlineData("--Http:CorsOrigins=https://example.org/path", "Http:CorsOrigins")]
    [InlineData("--Http:TrustedProxies=10.0.0.0/99", "Http:TrustedProxies")]
    [InlineData("--WebRtc:Tcp=maybe", "WebRtc:Tcp")]
    [InlineData("--WebRtc:PublicAddresses=203.0.113.7,x", "WebRtc:PublicAddresses")]
    [InlineData("--WebRtc:Workers=1000", "WebRtc:Workers")]
    [InlineData("--WebRtc:MaxSessions=0", "WebRtc:MaxSessions")]
    [InlineData("--WebRtc:IceServers:0:Url=http://example.org", "WebRtc:IceServers")]
    [InlineData("--WebRtc:IceServers:0:Url=turn:example.org", "WebRtc:IceServers")]
    [InlineData("--WebRtc:IceServers:0:Url=stun:a>; rel=\"evil\"", "WebRtc:IceServers")]
    [InlineData("--Log:Level=loud", "Log:Level")]
    [InlineData("--Data:Directory=", "Data:Directory")]
    [InlineData("--Admin:Token=has space", "Admin:Token")]
    public void A_bad_value_is_refused_with_the_key_and_what_is_allowed(string argument, string key)
    {
        var refused = Assert.Throws<StartupException>(() => SluiceHost.Build([argument], Empty));
        Assert.Equal(2, refused.Code);
        Assert.StartsWith($"{key} must be ", refused.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("has space", refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--Http:Prot=1", "Http:Prot", "did you mean Http:Port?")]
    [InlineData("--Nonsense=1", "Nonsense", "sluice.sample.jsonc")]
    [InlineData("--Http:Port:0=1", "Http:Port:0", "")]
    [InlineData("--WebRtc:IceServers:0:Name=1", "WebRtc:IceServers:0:Name", "")]
    public void An_unknown_key_is_refused_by_name(string argument, string key, string hint)
    {
        var refused = Assert.Throws<StartupException>(() => SluiceHost.Build([argument], Empty));
        Assert.Equal(2, refused.Code);
        Assert.StartsWith($"{key} is not a setting", refused.Message, StringComparison.Ordinal);
        Assert.Contains(hint, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("SLUICE__Http__Prot")]
    [InlineData("SLUICE__NONSENSE")]
    public void An_unknown_key_in_the_environment_is_refused_too(string name) =>
        Assert.Equal(2, Assert.Throws<StartupException>(() => SluiceHost.Build([], new Dictionary<string, string> { [name] = "1" })).Code);

    [Fact]
    public void The_command_line_wins_over_the_environment_and_that_over_the_file()
    {
        using var file = new TemporaryFile("""
            { // comments and trailing commas are fine
              "Http": { "Port": 1001, "RequestsPerMinutePerAddress": 5, "CorsOrigins": [], },
              "WebRtc": { "Port": 1001, "PublicAddresses": ["203.0.113.7"] },
            }
            """);
        var environment = new Dictionary<string, string>
        {
            ["SLUICE__HTTP__PORT"] = "1002", ["SLUICE__WebRtc__Port"] = "1002", ["SLUICE_DATA"] = "/somewhere", ["SLUICE_ADMIN_TOKEN"] = "given", ["PATH"] = "x",
        };
        Assert.True(ConfigurationSources.TryBuild([$"--config={file.Path}", "--Http:Port", "1003"], environment, out var configuration, out var error), error);
        Assert.True(OptionReader.TryRead(configuration, out var options, out error), error);
        Assert.Equal(1003, options.Http.Port);
        Assert.Equal(1002, options.WebRtc.Port);
        Assert.Equal(5, options.Http.RequestsPerMinutePerAddress);
        Assert.Equal("203.0.113.7", Assert.Single(options.WebRtc.PublicAddresses).ToString());
        Assert.Equal("/somewhere", options.DataDirectory);
        Assert.Equal("given", options.AdminToken);
    }

    [Theory]
    [InlineData("{ \"Http\": ")]
    [InlineData("[]")]
    [InlineData("not json")]
    public void A_file_that_is_no_json_is_refused_by_name(string text)
    {
        using var file = new TemporaryFile(text);
        var refused = Assert.Throws<StartupException>(() => SluiceHost.Build([$"--config={file.Path}"], Empty));
        Assert.Equal(2, refused.Code);
        Assert.Contains(file.Path, refused.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--config=/does/not/exist.jsonc", "/does/not/exist.jsonc")]
    [InlineData("--Http:Port", "--Http:Port has no value")]
    [InlineData("Http:Port=1", "not understood")]
    public void A_command_line_that_makes_no_sense_is_refused(string argument, string said) =>
        Assert.Contains(said, Assert.Throws<StartupException>(() => SluiceHost.Build([argument], Empty)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_reload_takes_what_is_safe_and_says_what_needs_a_restart()
    {
        var (root, live, log) = Live();
        root["Log:Level"] = "debug";
        root["Http:SessionsPerMinutePerAddress"] = "7";
        live.Reload();
        Assert.Equal(LogLevel.Debug, live.Current.LogLevel);
        Assert.Equal(7, live.Current.Http.SessionsPerMinutePerAddress);
        Assert.DoesNotContain("restart", log.Text, StringComparison.Ordinal);
        root["WebRtc:Port"] = "9";
        root["Data:Directory"] = "elsewhere";
        live.Reload();
        Assert.Contains("needs a restart: WebRtc:Port, Data:Directory", log.Text, StringComparison.Ordinal);
        Assert.Equal(8189, live.Start.WebRtc.Port);
    }

    [Fact]
    public void A_reload_of_something_bad_changes_nothing()
    {
        var (root, live, log) = Live();
        root["Log:Level"] = "loud";
        root["Http:SessionsPerMinutePerAddress"] = "7";
        live.Reload();
        Assert.Equal(LogLevel.Information, live.Current.LogLevel);
        Assert.Equal(3000, live.Current.Http.SessionsPerMinutePerAddress);
        Assert.Contains("Log:Level must be one of", log.Text, StringComparison.Ordinal);
    }

    private static (IConfigurationRoot Root, LiveOptions Live, KeptLog Log) Live()
    {
        var root = new ConfigurationBuilder().AddInMemoryCollection().Build();
        Assert.True(OptionReader.TryRead(root, out var start, out _));
        var live = new LiveOptions(root, start);
        var log = new KeptLog();
        live.Watch(log.CreateLogger("test"));
        return (root, live, log);
    }

    private static string Text(SluiceOptions options) => System.Text.Json.JsonSerializer.Serialize(new
    {
        options.Http.Port, Address = options.Http.Address?.ToString(), options.Http.PublicUrl, options.Http.SiteDirectory, options.Http.CorsOrigins,
        Proxies = options.Http.TrustedProxies.Count, options.Http.MaxConnections, options.Http.MaxConnectionsPerAddress,
        options.Http.RequestsPerMinutePerAddress,
        options.Http.SessionsPerMinutePerAddress, options.Http.FailedLoginsPerMinutePerAddress, Media = options.WebRtc.Port, options.WebRtc.Tcp,
        Bound = options.WebRtc.Addresses.Count, Public = options.WebRtc.PublicAddresses.Count, options.WebRtc.OfferLoopback, options.WebRtc.Workers,
        options.WebRtc.MaxSessions, options.WebRtc.MaxSessionsPerAddress, options.WebRtc.ForcePortableSockets, Ice = options.WebRtc.IceServers.Count,
        options.LogLevel, options.DataDirectory, options.AdminToken,
    });

    // Two sections may have the same line.
    private static bool IsIn(string[] lines, int at, string section)
    {
        var last = Array.FindLastIndex(lines, at, l => l.StartsWith("  \"", StringComparison.Ordinal) && l.TrimEnd().EndsWith('{'));
        return last >= 0 && lines[last].Contains($"\"{section}\"", StringComparison.Ordinal);
    }
}
