using System.Diagnostics;
using System.Globalization;
using System.Net;
using Sluice.Bench.RtmpLoad;

// Publishes a clip many times over and says how many bytes left in each phase: rtmpload HOST:PORT CLIP.flv APP KEYFILE. A line on standard input ends a phase
// and is answered by the bytes sent since the one before; the end of input ends the load.
var server = IPEndPoint.Parse(args[0]);
var clip = Clip.Read(args[1]);
var keys = File.ReadAllLines(args[3]).Where(k => k.Length > 0).ToArray();
var publishers = keys.Select((key, i) => new Publisher(server, args[2], key, clip, i * 1_000_000L / keys.Length + i * 137)).ToArray();
foreach (var publisher in publishers) publisher.Begin();
Console.WriteLine("publishing");

var phase = 0;
var input = new Thread(() =>
{
    while (Console.ReadLine() is not null) Interlocked.Increment(ref phase);
    Interlocked.Exchange(ref phase, -1);
}) { IsBackground = true };
input.Start();

var clock = Stopwatch.StartNew();
var reported = 0L;
var seen = 0;
while (true)
{
    // Each publisher keeps its own time, as those of the world do: they do not come in bursts.
    foreach (var publisher in publishers) publisher.Advance((long)clock.Elapsed.TotalMicroseconds);
    var now = Volatile.Read(ref phase);
    if (now < 0) return 0;
    if (now != seen)
    {
        seen = now;
        var sent = publishers.Sum(p => p.BytesSent);
        Console.WriteLine((sent - reported).ToString(CultureInfo.InvariantCulture));
        reported = sent;
    }

    var wait = publishers.Min(p => p.NextDue) - (long)clock.Elapsed.TotalMicroseconds;
    if (wait > 0) Rest.For(Math.Min(wait, 5000));
}
