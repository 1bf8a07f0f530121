using System.Globalization;
using Sluice.Bench.Linux;
using Sluice.Bench.Load;

namespace Sluice.Bench.Floor;

/// <summary>The receiving side of the floor, a process of its own so that its cost is not the floor's: sockets that are emptied every 4 ms, as viewers' are.</summary>
internal static class Drain
{
    private const long Period = 4_000_000;

    /// <summary>Prints the ports, empties the sockets until standard input ends, and prints how many datagrams came.</summary>
    public static async Task RunAsync(int sockets, TextWriter output)
    {
        var all = new LoadSocket[sockets];
        for (var i = 0; i < sockets; i++) all[i] = new LoadSocket();
        await output.WriteLineAsync("ports " + string.Join(',', all.Select(static s => s.Port.ToString(CultureInfo.InvariantCulture))));
        await output.FlushAsync();
        long received = 0;
        var stopping = false;
        var thread = new Thread(() =>
        {
            var batch = new ReceiveBatch { IsShort = true };
            while (!Volatile.Read(ref stopping))
            {
                foreach (var socket in all)
                {
                    for (int count; (count = batch.Receive(socket)) > 0; received += count)
                    {
                        for (var i = 0; i < count; i++) batch.Take(i, out _);
                    }
                }

                BenchLibc.Sleep(Period);
            }
        });
        thread.Start();
        while (await Console.In.ReadLineAsync() is not null)
        {
            // Whatever is written there, its end is what counts.
        }

        Volatile.Write(ref stopping, true);
        thread.Join();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"received {received}"));
    }
}
