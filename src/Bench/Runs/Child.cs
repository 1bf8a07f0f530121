using System.Diagnostics;
using System.Runtime.InteropServices;
using Sluice.Bench.Linux;

namespace Sluice.Bench.Runs;

/// <summary>A process of ours: started with its output piped, asked to end when it is disposed, and ended if it does not.</summary>
internal sealed class Child : IAsyncDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(8);

    private static readonly Lock Gate = new();
    private static readonly HashSet<Child> Living = [];
    private static PosixSignalRegistration[]? _signals;

    private readonly Process _process;

    private Child(Process process)
    {
        _process = process;
        lock (Gate)
        {
            Living.Add(this);
            // Since .NET 10 a signal ends the process without a word to anybody, and a server of ours would go on alone.
            _signals ??= [Watch(PosixSignal.SIGTERM), Watch(PosixSignal.SIGINT), Watch(PosixSignal.SIGHUP)];
        }

        AppDomain.CurrentDomain.ProcessExit += KillAtExit;
    }

    public int Id => _process.Id;

    public StreamReader Output => _process.StandardOutput;

    /// <param name="command">The program and the arguments that always come first.</param>
    /// <param name="arguments">Further arguments.</param>
    /// <param name="environment">Variables to set.</param>
    public static Child Start(IReadOnlyList<string> command, IEnumerable<string> arguments, IReadOnlyDictionary<string, string>? environment = null)
    {
        var start = new ProcessStartInfo(command[0]) { RedirectStandardOutput = true, RedirectStandardInput = true, UseShellExecute = false };
        foreach (var argument in command.Skip(1).Concat(arguments)) start.ArgumentList.Add(argument);
        foreach (var (name, value) in environment ?? new Dictionary<string, string>()) start.Environment[name] = value;
        return new Child(Process.Start(start) ?? throw new BenchException($"{command[0]} did not start."));
    }

    /// <summary>Waits for a line of output that holds a text, and gives it; null where the output ends first.</summary>
    public async Task<string?> ReadUntilAsync(string text, TimeSpan limit)
    {
        using var time = new CancellationTokenSource(limit);
        try
        {
            while (await Output.ReadLineAsync(time.Token) is { } line)
            {
                if (line.Contains(text, StringComparison.Ordinal)) return line;
            }
        }
        catch (OperationCanceledException)
        {
        }

        return null;
    }

    /// <summary>Writes a line to its standard input.</summary>
    public void WriteLine(string line)
    {
        _process.StandardInput.WriteLine(line);
        _process.StandardInput.Flush();
    }

    /// <summary>Closes its standard input: how a child that reads it is told to finish.</summary>
    public void CloseInput() => _process.StandardInput.Close();

    public async ValueTask DisposeAsync()
    {
        AppDomain.CurrentDomain.ProcessExit -= KillAtExit;
        lock (Gate)
        {
            Living.Remove(this);
        }

        if (!_process.HasExited) BenchLibc.AskToEnd(_process.Id);
        using var time = new CancellationTokenSource(Patience);
        try
        {
            await _process.WaitForExitAsync(time.Token);
        }
        catch (OperationCanceledException)
        {
            _process.Kill();
        }

        _process.Dispose();
    }

    private static PosixSignalRegistration Watch(PosixSignal signal) => PosixSignalRegistration.Create(signal, static _ =>
    {
        lock (Gate)
        {
            foreach (var child in Living) child.KillAtExit(null, EventArgs.Empty);
        }
    });

    private void KillAtExit(object? sender, EventArgs e)
    {
        if (!_process.HasExited) _process.Kill();
    }
}
