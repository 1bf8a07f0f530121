using Sluice.Protocols.Wire;

namespace Sluice.Workers.Transcoding;

/// <summary>One child's life: what is fed to it, what it gives out, and how it ended.</summary>
internal sealed class ChildRun
{
    private readonly ChildProcess _child;
    private readonly RenditionWriter _writer;
    private readonly Action _ended;
    private string? _fault;
    private bool _hasEnded;

    /// <param name="child">The process; disposed of here.</param>
    /// <param name="feed">What it is fed.</param>
    /// <param name="writer">Where its output goes.</param>
    /// <param name="startedAt">Now.</param>
    /// <param name="ended">Called once, on any thread, when the process has gone and everything it gave out is written.</param>
    public ChildRun(ChildProcess child, PipeFeed feed, RenditionWriter writer, Instant startedAt, Action ended)
    {
        _child = child;
        _writer = writer;
        _ended = ended;
        Feed = feed;
        StartedAt = startedAt;
        writer.Begin(this, feed.Clock);
        _ = FollowAsync(WriteAsync(), ReadAsync(), child.ReadErrorsAsync());
    }

    public PipeFeed Feed { get; }

    public Instant StartedAt { get; }

    public int ProcessId => _child.Id;

    public TimeSpan CpuTime => _child.CpuTime;

    /// <summary>True when everything about it is over.</summary>
    public bool HasEnded => Volatile.Read(ref _hasEnded);

    /// <summary>How it ended, in words.</summary>
    public string Ending { get; private set; } = "";

    /// <summary>True where it ended because its input did.</summary>
    public bool EndedWell { get; private set; }

    /// <summary>Ends it now.</summary>
    /// <param name="reason">Why, where it is its own fault.</param>
    public void Kill(string? reason = null)
    {
        if (reason is not null) Interlocked.CompareExchange(ref _fault, reason, null);
        Feed.Outbox.Abort();
        _child.Kill();
    }

    private async Task FollowAsync(Task writing, Task reading, Task<string?> errors)
    {
        await reading;

        // A child ends well when its input has ended first.
        var wasComplete = Feed.Outbox.IsComplete;
        Feed.Outbox.Complete();
        await _child.Exited;
        await writing;
        var said = await errors;
        var fault = Volatile.Read(ref _fault);
        EndedWell = fault is null && wasComplete;
        Ending = (fault ?? _child.DescribeEnd()) + (said is null ? "" : $": {said}");
        _child.Dispose();
        Volatile.Write(ref _hasEnded, true);
        _ended();
    }

    private async Task WriteAsync()
    {
        try
        {
            await using var input = _child.Input;
            while (true)
            {
                var bytes = await Feed.Outbox.TakeAsync();
                if (bytes.IsEmpty) break;
                await input.WriteAsync(bytes);
            }
        }
        catch (IOException)
        {
            // It closed its end; how it ended is seen by the reader.
        }
    }

    private async Task ReadAsync()
    {
        var reader = new NutReader();
        var buffer = new byte[16 * 1024];
        try
        {
            int count;
            while ((count = await _child.Output.ReadAsync(buffer)) > 0)
            {
                reader.Append(buffer.AsSpan(0, count));
                if (_writer.Write(this, reader)) continue;
                Kill("its output makes no sense");
                return;
            }
        }
        catch (IOException)
        {
            // As above.
        }
    }
}
