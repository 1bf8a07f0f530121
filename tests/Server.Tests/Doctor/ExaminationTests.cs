using System.Net;
using System.Net.Sockets;
using Sluice.Server.Doctor;
using Sluice.Server.Options;

namespace Sluice.Server.Tests.Doctor;

public sealed class ExaminationTests
{
    [Fact]
    public async Task A_port_that_another_program_has_is_a_fault_with_a_remedy()
    {
        using var taken = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        taken.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        var port = ((IPEndPoint)taken.LocalEndPoint!).Port;
        var text = new StringWriter();
        var folder = Directory.CreateTempSubdirectory("sluice-doctor-").FullName;
        var code = await Examination.RunAsync(
            ["--Http:Port=0", $"--WebRtc:Port={port}", "--WebRtc:Tcp=false", "--WebRtc:Addresses=127.0.0.1", "--Rtmp:Port=0", $"--Data:Directory={folder}/data"],
            new Dictionary<string, string>(), text);
        Assert.Equal(1, code);
        Assert.Contains($"FAIL  WebRtc:Port {port}/udp", text.ToString(), StringComparison.Ordinal);
        Assert.Contains($"ss -lntup | grep :{port}", text.ToString(), StringComparison.Ordinal);
        Assert.Contains("ok    address 127.0.0.1", text.ToString(), StringComparison.Ordinal);
        Assert.False(Directory.Exists($"{folder}/data"), "Looking must leave nothing behind.");
        Directory.Delete(folder, recursive: true);
    }

    [Fact]
    public async Task A_free_port_is_good() =>
        Assert.Equal(Health.Ok, (await NetworkChecks.PortAsync("Http:Port", IPAddress.Loopback, 0, ProtocolType.Tcp, 0)).Health);

    [Fact]
    public async Task An_address_this_machine_does_not_have_is_a_doubt() =>
        Assert.Equal(Health.Warn, (await NetworkChecks.ReachAsync(IPAddress.Parse("203.0.113.7"))).Health);

    [Fact]
    public void A_clock_before_the_build_is_a_fault()
    {
        var built = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero);
        Assert.Equal(Health.Fail, MachineChecks.Clock(built.AddYears(-30), built).Health);
        Assert.Equal(Health.Ok, MachineChecks.Clock(built.AddMinutes(1), built).Health);
    }

    [Fact]
    public void A_data_directory_that_is_a_file_is_a_fault()
    {
        using var file = new TemporaryFile("");
        Assert.Equal(Health.Fail, MachineChecks.DataDirectory(file.Path).Health);
    }

    [Fact]
    public void A_disk_with_less_than_the_reserve_is_a_doubt()
    {
        Assert.Equal(Health.Ok, RecordingChecks.Room(2L << 30, 1L << 30).Health);
        var finding = RecordingChecks.Room(1L << 30, 1L << 30);
        Assert.Equal(Health.Warn, finding.Health);
        Assert.Contains("1.0 GiB are left", finding.Found, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_folder_for_recordings_that_cannot_be_is_a_fault()
    {
        using var file = new TemporaryFile("");
        var options = new SluiceOptions { Recording = new RecordingSettings { Directory = Path.Combine(file.Path, "below", "a-file") } };
        Assert.Contains(await RecordingChecks.RunAsync(options), f => f is { Health: Health.Fail, Subject: "recordings" });
        var folder = Directory.CreateTempSubdirectory("sluice-doctor-").FullName;
        options = new SluiceOptions { Recording = new RecordingSettings { Directory = Path.Combine(folder, "a", "b", "c") } };
        Assert.DoesNotContain(await RecordingChecks.RunAsync(options), f => f.Health == Health.Fail);
        Assert.Empty(Directory.EnumerateFileSystemEntries(folder));
        Directory.Delete(folder);
    }

    [Fact]
    public void A_missing_tool_is_a_doubt_with_the_command_that_brings_it()
    {
        var finding = LibraryChecks.Tool("no-such-tool-anywhere", "for the test");
        Assert.Equal(Health.Warn, finding.Health);
        Assert.Contains("apt-get install no-such-tool-anywhere", finding.Remedy, StringComparison.Ordinal);
    }

    [Fact]
    public void The_report_lines_up_and_counts()
    {
        var text = Examination.Table([Finding.Ok("a", "good"), Finding.Warn("longer", "so so", "do this"), Finding.Fail("b", "bad", "do that")]);
        Assert.Contains("ok    a       good", text, StringComparison.Ordinal);
        Assert.Contains("warn  longer  so so", text, StringComparison.Ordinal);
        Assert.Contains("1 fault(s)", text, StringComparison.Ordinal);
    }
}
