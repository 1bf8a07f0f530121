using Sluice.Bench.Measuring;
using Sluice.Bench.Report;

namespace Sluice.Server.Tests.Bench;

public sealed class ProcTests
{
    [Theory]
    [InlineData("71 (sluice) S 1 71 71 0 -1 4194560 5000 0 0 0 250 130 7 8 20 0 25 0 100", 2.5, 1.3)]
    [InlineData("71 (.NET (a) b) 9) R 1 71 71 0 -1 4194560 5000 0 0 0 1 0 0 0 20 0 25 0 100\n", 0.01, 0)]
    public void A_stat_line_gives_both_times(string line, double user, double system)
    {
        Assert.True(ProcessTimes.TryParse(line, out var times));
        Assert.Equal((user, system), (times.User, times.System));
    }

    [Theory]
    [InlineData("")]
    [InlineData("71 sluice S 1")]
    [InlineData("71 (sluice) S 1 2 3 4 5 6 7 8 9 10 11")]
    [InlineData("71 (sluice) S 1 71 71 0 -1 4194560 5000 0 0 0 x 130 7 8")]
    [InlineData("71 (sluice) S 1 71 71 0 -1 4194560 5000 0 0 0 250 -1 7 8")]
    public void Another_line_gives_none(string line) => Assert.False(ProcessTimes.TryParse(line, out _));

    [Fact]
    public void Resident_memory_is_read()
    {
        Assert.Equal(102_428, ProcessTimes.ParseResidentKilobytes("Name:\tsluice\nVmPeak:\t  999 kB\nVmRSS:\t  102428 kB\nThreads:\t5\n"));
        Assert.Equal(0, ProcessTimes.ParseResidentKilobytes("Name:\tkthreadd\n"));
        Assert.Equal(0, ProcessTimes.ParseResidentKilobytes("VmRSS:\t many kB\n"));
    }

    [Fact]
    public void The_machines_time_leaves_idle_and_waiting_out()
    {
        Assert.True(MachineTimes.TryParse("cpu  100 10 50 9999 888 2 8 77 0 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n", out var times));
        Assert.Equal(1.7, times.Busy, 1e-9);
        Assert.Equal(0.1, times.SoftInterrupts, 1e-9);
    }

    [Theory]
    [InlineData("")]
    [InlineData("cpu0 1 2 3 4 5 6 7 8\n")]
    [InlineData("cpu 1 2 3 4 5\n")]
    [InlineData("cpu 1 2 3 4 5 six 7 8\n")]
    public void Another_text_gives_no_time(string text) => Assert.False(MachineTimes.TryParse(text, out _));

    [Fact]
    public void Drops_count_for_the_ports_asked_for()
    {
        const string Table =
            """
              sl  local_address rem_address   st tx_queue rx_queue tr tm->when retrnsmt   uid  timeout inode ref pointer drops
               49: 00000000:A410 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 7
               50: 00000000:A411 00000000:0000 07 00000000:00000000 00:00000000 00000000     0        0 1 2 0000000000000000 11
               51: 00000000000000000000000000000000:A412 00000000000000000000000000000000:0000 07 00000000:00000000 00:00000000 00000000 0 0 1 2 0 100
               52: broken line
            """;

        Assert.Equal(7, SocketDrops.Parse(Table, new HashSet<ushort> { 0xa410 }));
        Assert.Equal(111, SocketDrops.Parse(Table, new HashSet<ushort> { 0xa411, 0xa412 }));
        Assert.Equal(0, SocketDrops.Parse(Table, new HashSet<ushort> { 1 }));
    }

    [Fact]
    public void The_processor_has_its_name()
    {
        Assert.Equal("Some Processor 9000", MachineDescription.ProcessorOf("processor\t: 0\nmodel name\t: Some Processor 9000\nmodel name\t: Other\n"));
        Assert.NotEmpty(MachineDescription.ProcessorOf("Hardware\t: nameless"));
    }

    [Fact]
    public void Our_own_process_can_be_read()
    {
        Assert.True(ProcessTimes.TryRead(Environment.ProcessId, out _));
        Assert.True(ProcessTimes.ReadResidentKilobytes(Environment.ProcessId) > 1000);
        Assert.False(ProcessTimes.TryRead(int.MaxValue, out _));
        Assert.Equal(0, ProcessTimes.ReadResidentKilobytes(int.MaxValue));
    }
}
