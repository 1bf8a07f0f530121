using Sluice.Protocols.Sockets;
using Sluice.Protocols.Sockets.Linux;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Sockets;

public sealed class ThreadBindingTests
{
    private readonly ThreadBinding _binding = new();
    private Instant _now = Instant.Zero + TimeSpan.FromHours(1);

    [Fact]
    public void Thread_that_mostly_waits_is_bound()
    {
        Run(seconds: 3, busy: 0.1);
        Assert.True(_binding.IsBound);
    }

    [Fact]
    public void Busy_thread_is_not_bound()
    {
        Run(seconds: 3, busy: 0.6);
        Assert.False(_binding.IsBound);
    }

    [Fact]
    public void Bound_thread_is_freed_when_it_gets_busy_and_bound_again_when_it_rests()
    {
        Run(seconds: 3, busy: 0.1);
        Run(seconds: 3, busy: 0.6);
        Assert.False(_binding.IsBound);
        Run(seconds: 3, busy: 0.1);
        Assert.True(_binding.IsBound);
    }

    [Fact]
    public void Load_in_between_changes_nothing()
    {
        Run(seconds: 3, busy: 0.4);
        Assert.False(_binding.IsBound);
        Run(seconds: 3, busy: 0.1);
        Assert.Equal(0, Run(seconds: 5, busy: 0.4));
        Assert.True(_binding.IsBound);
    }

    [Fact]
    public void Every_change_is_told_once()
    {
        Assert.Equal(1, Run(seconds: 5, busy: 0.1));
        Assert.Equal(1, Run(seconds: 5, busy: 0.9));
    }

    [LinuxFact]
    public void Bound_thread_has_one_processor_the_threads_it_starts_have_all_and_so_has_it_when_freed()
    {
        string before = "", bound = "", started = "", freed = "";
        var thread = new Thread(() =>
        {
            var processors = Processors.Read()!;
            before = Allowed();
            Assert.True(processors.TryBindThread(processors.Count - 1));
            bound = Allowed();
            var other = new Thread(() => started = Allowed());
            other.Start();
            other.Join();
            Assert.True(processors.TryFreeThread());
            freed = Allowed();
        });
        thread.Start();
        thread.Join();
        Assert.Matches("^[0-9]+$", bound);
        Assert.Equal(before, started);
        Assert.Equal(before, freed);
    }

    private static string Allowed() =>
        File.ReadLines("/proc/thread-self/status").First(static line => line.StartsWith("Cpus_allowed_list:", StringComparison.Ordinal)).Split('\t')[1];

    // Turns of ten milliseconds; how many of them told of a change.
    private int Run(int seconds, double busy)
    {
        var changes = 0;
        for (var i = 0; i < seconds * 100; i++)
        {
            var began = _now + TimeSpan.FromMilliseconds(10 * busy);
            _now += TimeSpan.FromMilliseconds(10);
            if (_binding.Note(began, _now)) changes++;
        }

        return changes;
    }
}
