using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// The first byte chooses the codec; then payloads, each after a byte that says how its sequence number goes on (three low bits) and one for its length: what is gathered comes back
/// with as many payloads, the same bytes in the same order, and the same beginning and end.
/// </summary>
public static class EvenFragmentsTarget
{
    /// <summary>Runs one input.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var codec = (input[0] & 1) == 0 ? Codec.H264 : Codec.H265;
        var fragments = new EvenFragments();
        var held = new List<byte[]>();
        var sequence = 0L;
        for (var rest = input[1..]; rest.Length >= 2;)
        {
            sequence += (rest[0] & 7) switch
            {
                6 => 2,
                7 => 0,
                _ => 1,
            };
            var payload = rest.Slice(2, Math.Min(rest[1], rest.Length - 2));
            rest = rest[(2 + payload.Length)..];
            if (FragmentHeader.TryParse(codec, payload, out var header) && fragments.TryAdd(header, sequence, 0, payload))
            {
                held.Add(payload.ToArray());
                FuzzAssert.That(fragments.Contains(sequence) && fragments.Count == held.Count, "what was gathered is held");
                if (!fragments.IsWhole) continue;
            }

            Take(codec, fragments, held);
        }

        Take(codec, fragments, held);
    }

    private static void Take(Codec codec, EvenFragments fragments, List<byte[]> held)
    {
        var came = new List<byte>();
        var left = new List<byte>();
        foreach (var payload in held)
        {
            FuzzAssert.That(FragmentHeader.TryParse(codec, payload, out var first), "only fragments are gathered");
            FuzzAssert.That(fragments.TryTake(out var taken) && FragmentHeader.TryParse(codec, taken, out var header) && header == first, "the same header");
            came.AddRange(payload.AsSpan(first.Length));
            left.AddRange(taken[first.Length..]);
        }

        FuzzAssert.That(!fragments.TryTake(out _) && fragments.Count == 0, "as many payloads");
        FuzzAssert.That(came.SequenceEqual(left), "the same bytes");
        held.Clear();
    }
}
