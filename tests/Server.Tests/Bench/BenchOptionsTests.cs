using Sluice.Bench;
using Sluice.Bench.Floor;
using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Server.Tests.Bench;

public sealed class BenchOptionsTests
{
    [Fact]
    public void Without_options_it_is_the_fan_out_of_the_table()
    {
        var options = Read();

        Assert.Equal([Scenario.FanOut], options.Scenarios);
        Assert.Equal([50, 100, 200, 400], options.Viewers);
        Assert.Equal([SrtpProfile.AeadAes128Gcm, SrtpProfile.Aes128CmSha1_80], options.Profiles);
        Assert.True(options.HasFloor);
        Assert.Null(options.Server);
    }

    [Fact]
    public void Every_option_is_taken()
    {
        var options = Read(
            "--viewers", "1,2,30", "--scenario=low,Audio,hostile", "--srtp", "cm", "--seconds", "2", "--windows", "5", "--json", "a.json", "--svg", "b.svg", "--clip", "c.wlr",
            "--no-floor", "--http-port", "18100", "--udp-port=0", "--WebRtc:Workers=1", "--Http:Address=*");

        Assert.Equal([1, 2, 30], options.Viewers);
        Assert.Equal([Scenario.Low, Scenario.Audio, Scenario.Hostile], options.Scenarios);
        Assert.Equal([SrtpProfile.Aes128CmSha1_80], options.Profiles);
        Assert.Equal((2.0, 5, 18_100, 0), (options.Window.TotalSeconds, options.Windows, options.HttpPort, options.UdpPort));
        Assert.Equal(("a.json", "b.svg", "c.wlr", false), (options.JsonFile, options.SvgFile, options.ClipFile, options.HasFloor));
        Assert.Equal(["--WebRtc:Workers=1", "--Http:Address=*"], options.Settings);
    }

    [Fact]
    public void All_scenarios_have_a_word() => Assert.Equal(Enum.GetValues<Scenario>(), Read("--scenario", "all").Scenarios);

    [Fact]
    public void A_running_server_is_named_with_its_process_and_token()
    {
        var options = Read("--server", "http://127.0.0.1:8080", "--pid", "71", "--token", "secret");

        Assert.Equal(("http://127.0.0.1:8080/", 71, "secret"), (options.Server!.ToString(), options.ServerProcess, options.Token));
    }

    [Theory]
    [InlineData("--viewers needs a value", "--viewers")]
    [InlineData("rising numbers", "--viewers", "0")]
    [InlineData("rising numbers", "--viewers", "50,")]
    [InlineData("rising numbers", "--viewers", "100,50")]
    [InlineData("rising numbers", "--viewers", "50,50")]
    [InlineData("rising numbers", "--viewers", "99999999")]
    [InlineData("--scenario takes", "--scenario", "fast")]
    [InlineData("--scenario takes", "--scenario", "")]
    [InlineData("--scenario takes", "--scenario", "1")]
    [InlineData("--srtp takes", "--srtp", "aes")]
    [InlineData("--srtp takes", "--srtp", "gcm,gcm")]
    [InlineData("--seconds takes", "--seconds", "0")]
    [InlineData("--seconds takes", "--seconds", "1.5")]
    [InlineData("--windows takes", "--windows", "-1")]
    [InlineData("--udp-port takes", "--udp-port", "65536")]
    [InlineData("--server takes", "--server", "localhost:8080", "--pid", "1")]
    [InlineData("go together", "--server", "http://127.0.0.1:1")]
    [InlineData("go together", "--pid", "71")]
    [InlineData("--token", "--server", "http://127.0.0.1:1", "--pid", "71")]
    [InlineData("runs already", "--server", "http://127.0.0.1:1", "--pid", "71", "--token", "t", "--WebRtc:Workers=1")]
    [InlineData("no option --speed", "--speed", "9")]
    [InlineData("\"fast\" is no option", "fast")]
    [InlineData("--WebRtc:Workers", "--WebRtc:Workers", "1")] // settings have an equals sign
    public void A_wrong_option_is_refused_with_the_reason(string reason, params string[] arguments)
    {
        Assert.False(BenchOptions.TryParse(arguments, out _, out var problem));
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_floor_takes_its_options()
    {
        Assert.True(FloorOptions.TryParse(["--viewers", "7", "--srtp", "cm", "--seconds", "1", "--windows", "2", "--shape", "low"], out var options, out _));

        Assert.Equal((7, SrtpProfile.Aes128CmSha1_80, 1.0, 2), (options.Viewers, options.Profile, options.Window.TotalSeconds, options.Windows));
        Assert.Equal("low", options.LoadShape().Name);
    }

    [Theory]
    [InlineData("--viewers")]
    [InlineData("--viewers", "none")]
    [InlineData("--srtp", "gcm,cm")]
    [InlineData("--shape", "round")]
    [InlineData("--speed", "9")]
    public void The_floor_refuses_wrong_options(params string[] arguments) => Assert.False(FloorOptions.TryParse(arguments, out _, out _));

    [Theory]
    [InlineData(2, "race")]
    [InlineData(2, "fanout", "--viewers")]
    [InlineData(2, "floor", "--viewers")]
    [InlineData(2, "shape", "--clip", "x")]
    [InlineData(1, "shape", "--clip", "/nowhere/clip.wlr", "--out", "x")]
    [InlineData(0, "--help")]
    [InlineData(0)]
    public async Task The_exit_code_says_what_was_wrong(int code, params string[] arguments)
    {
        using var output = new StringWriter();
        using var errors = new StringWriter();

        Assert.Equal(code, await BenchCommand.RunAsync(arguments, ["sluice"], output, errors));
        Assert.Equal(code == 0, errors.ToString().Length == 0);
        Assert.Equal(code == 0, output.ToString().Contains("sluice bench fanout", StringComparison.Ordinal));
    }

    private static BenchOptions Read(params string[] arguments) =>
        BenchOptions.TryParse(arguments, out var options, out var problem) ? options : throw new InvalidOperationException(problem);
}
