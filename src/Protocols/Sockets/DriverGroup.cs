using System.Net.Sockets;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Sockets;

/// <summary>Opens groups of drivers.</summary>
public static class DriverGroup
{
    /// <summary>
    /// Opens the sockets and makes the machines, so that the port is known; nothing runs before <see cref="DriverGroup{TMachine}.Start"/>.
    /// </summary>
    /// <param name="options">How; checked here.</param>
    /// <param name="factory">Makes the machine of a shard.</param>
    /// <exception cref="SocketException">The port is taken, or an address is not one of this machine's.</exception>
    public static DriverGroup<TMachine> Open<TMachine>(DriverOptions options, Func<int, TMachine> factory)
        where TMachine : class, IDatagramMachine
    {
        options.Validate();
        var binding = PortBinding.Open(options);
        try
        {
            return new DriverGroup<TMachine>(options, binding, factory);
        }
        catch
        {
            binding.Dispose();
            throw;
        }
    }
}

/// <summary>
/// The drivers that share one port number: one thread, one machine and one share of the sockets each. The kernel spreads peers over the shares by address; a machine that
/// gets a datagram of another shard's peer answers <see cref="Handling.HandOver"/>.
/// </summary>
/// <typeparam name="TMachine">The machine of one shard.</typeparam>
public sealed class DriverGroup<TMachine> : IAsyncDisposable
    where TMachine : class, IDatagramMachine
{
    private readonly Driver<TMachine>[] _drivers;
    private bool _started;
    private bool _ended;

    internal DriverGroup(DriverOptions options, PortBinding binding, Func<int, TMachine> factory)
    {
        Port = binding.Port;
        _drivers = new Driver<TMachine>[options.ShardCount];
        for (var shard = 0; shard < _drivers.Length; shard++)
        {
            _drivers[shard] = new Driver<TMachine>(this, options, binding, shard, factory(shard));
        }
    }

    /// <summary>The port of every socket.</summary>
    public ushort Port { get; }

    /// <summary>The drivers by shard.</summary>
    public IReadOnlyList<Driver<TMachine>> Drivers => _drivers;

    /// <summary>Starts the threads. Once only.</summary>
    public void Start()
    {
        if (_started || _ended) throw new InvalidOperationException("A group of drivers starts once.");
        _started = true;
        foreach (var driver in _drivers) driver.Start();
    }

    /// <summary>Lets the machine of a shard be timed out soon. Any thread; cheap when repeated.</summary>
    public void Wake(int shard) => _drivers[shard].Wake();

    /// <summary>
    /// Asks the machine of a shard something on its own thread. An edge function: it allocates.
    /// </summary>
    /// <param name="shard">Whose machine.</param>
    /// <param name="question">Runs on the driver's thread; must be short.</param>
    /// <returns>What it answered; cancelled where the driver is stopping or too many questions wait.</returns>
    public Task<TResult> InvokeAsync<TResult>(int shard, Func<TMachine, Instant, TResult> question)
    {
        var answer = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var driver = _drivers[shard];
        var posted = driver.Post(
            (machine, now) =>
            {
                try
                {
                    answer.TrySetResult(question(machine, now));
                }
                catch (Exception error)
                {
                    answer.TrySetException(error);
                }
            },
            () => answer.TrySetCanceled());
        if (!posted) answer.TrySetCanceled();
        return answer.Task;
    }

    /// <summary>
    /// Ends the threads after their current turn, sends what the machines still have ready, and closes every socket. May be called again.
    /// </summary>
    public async Task StopAsync()
    {
        _ended = true;
        foreach (var driver in _drivers)
        {
            if (_started) driver.Stop();
            else driver.Close();
        }

        foreach (var driver in _drivers) await driver.Stopped;
    }

    /// <summary>The same as <see cref="StopAsync"/>.</summary>
    public async ValueTask DisposeAsync() => await StopAsync();
}
