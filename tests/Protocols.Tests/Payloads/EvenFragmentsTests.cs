using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Payloads;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Payloads;

public sealed class EvenFragmentsTests
{
    private const int Limit = 1188;
    private readonly EvenFragments _fragments = new();
    private FragmentHabit _habit;
    private bool _endsPicture;
    private long _sequence = 65_530;

    [Theory]
    [InlineData(Codec.H264)]
    [InlineData(Codec.H265)]
    public void A_unit_whose_last_fragment_is_short_comes_back_in_pieces_of_one_length(Codec codec)
    {
        var first = Fragments(codec, 3000);
        Assert.Equal(first, Pass(codec, first)); // what the sender does is known only now
        var came = Fragments(codec, 3604);
        var left = Pass(codec, came);

        Assert.Equal(Rebuilt(codec, came), Rebuilt(codec, left));
        Assert.Equal(4, left.Count);
        Assert.All(left[1..3], payload => Assert.Equal(left[0].Length, payload.Length));
        Assert.InRange(left[0].Length - left[3].Length, 0, 3);
    }

    [Theory]
    [InlineData(Codec.H264)]
    [InlineData(Codec.H265)]
    public void Any_units_come_back_whole_and_with_as_many_packets_whatever_is_lost_repeated_or_late(Codec codec)
    {
        var random = new SeededRandom(7);
        var cutAnew = 0;
        for (var unit = 0; unit < 3000; unit++)
        {
            var came = Fragments(codec, 2 + random.Next(random.Chance(0.05) ? 80_000 : 6000), (byte)random.Next(256), 100 + random.Next(Limit - 100));
            var given = new List<(long Sequence, byte[] Payload)>();
            for (var i = 0; i < came.Count; i++)
            {
                if (random.Chance(0.02)) continue;
                given.Add((_sequence + i, came[i]));
                if (random.Chance(0.02)) given.Add(given[random.Next(given.Count)]);
                if (random.Chance(0.02) && given.Count > 1) (given[^1], given[^2]) = (given[^2], given[^1]);
            }

            var wasDisturbed = !given.Select(g => g.Sequence).Distinct().SequenceEqual(Enumerable.Range(0, came.Count).Select(i => _sequence + i));
            _sequence += came.Count;
            var left = Pass(codec, given, unit);
            Assert.Equal(given.Select(g => g.Sequence).Distinct().Order(), left.Select(l => l.Sequence).Order());
            var payloads = left.OrderBy(l => l.Sequence).Select(l => l.Payload).ToList();
            if (payloads.Count == came.Count) Assert.Equal(Rebuilt(codec, came), Rebuilt(codec, payloads));
            if (wasDisturbed)
            {
                // What is less than a unit, or came in another order, nobody may cut anew.
                Assert.All(left, l => Assert.Equal(given.First(g => g.Sequence == l.Sequence).Payload, l.Payload));
            }
            else if (!payloads.SequenceEqual(came, ByBytes.Instance))
            {
                cutAnew++;
            }
        }

        Assert.InRange(cutAnew, 1000, 3000);
    }

    [Fact]
    public void A_sender_of_even_fragments_is_left_alone()
    {
        var even = Fragments(Codec.H264, 4 * 1000, limit: 1002);
        for (var i = 0; i < 100; i++)
        {
            Assert.False(TryAdd(Codec.H264, _sequence, 0, even[0]));
            Assert.Equal(even, Pass(Codec.H264, even));
        }
    }

    [Fact]
    public void A_sender_of_whose_pictures_only_the_last_packet_is_short_is_left_alone()
    {
        _endsPicture = true;
        for (var i = 0; i < 100; i++)
        {
            var picture = Fragments(Codec.H264, 3000);
            Assert.Equal(picture, Pass(Codec.H264, picture));
        }
    }

    [Fact]
    public void A_sender_that_has_become_even_is_left_alone_after_a_while()
    {
        Pass(Codec.H264, Fragments(Codec.H264, 3000));
        var even = Fragments(Codec.H264, 4 * 1000, limit: 1002);
        for (var i = 0; i < 64; i++) Pass(Codec.H264, even);
        Assert.False(TryAdd(Codec.H264, _sequence, 0, even[0]));
    }

    [Fact]
    public void Fragments_of_two_units_are_never_mixed()
    {
        Pass(Codec.H264, Fragments(Codec.H264, 3000));
        var one = Fragments(Codec.H264, 3000);
        var other = Fragments(Codec.H264, 3000, header: 0x65);
        Assert.True(TryAdd(Codec.H264, 1, 0, one[0]));
        Assert.False(TryAdd(Codec.H264, 2, 0, other[1])); // another unit's
        Assert.False(TryAdd(Codec.H264, 2, 0, one[0])); // begins anew
        Assert.False(TryAdd(Codec.H264, 2, 9, one[1])); // another picture's
        Assert.False(TryAdd(Codec.H264, 3, 0, one[1])); // one is missing between
        Assert.False(TryAdd(Codec.H265, 2, 0, one[1]));
        Assert.True(TryAdd(Codec.H264, 2, 0, one[1]));
        Assert.True(_fragments.TryTake(out var first));
        Assert.Equal(one[0], first.ToArray());
        Assert.True(_fragments.TryTake(out var second));
        Assert.Equal(one[1], second.ToArray());
        Assert.False(_fragments.TryTake(out _));
    }

    [Fact]
    public void More_than_is_held_comes_back_as_it_came()
    {
        Pass(Codec.H264, Fragments(Codec.H264, 3000));
        foreach (var (size, limit) in new[] { (60_000, 1002), (EvenFragments.MaxCount * 100 + 150, 102), (400_000, 60_000) })
        {
            var many = Fragments(Codec.H264, size, limit: limit);
            Assert.Equal(many, Pass(Codec.H264, many));
        }
    }

    [Fact]
    public void A_unit_of_fewer_bytes_than_pieces_can_share_stays_as_it_is()
    {
        Pass(Codec.H264, Fragments(Codec.H264, 3000));
        List<byte[]> nine = [[0x7c, 0x81, .. new byte[6]], [0x7c, 0x01, 1], [0x7c, 0x01, 1], [0x7c, 0x41, 1]]; // 9 in 4 is 3, 3, 3 and none
        Assert.Equal(nine, Pass(Codec.H264, nine));
    }

    [Fact]
    public void What_is_held_is_known_by_its_number_until_it_is_taken()
    {
        Pass(Codec.H264, Fragments(Codec.H264, 3000));
        var came = Fragments(Codec.H264, 3000);
        Assert.False(_fragments.Contains(10));
        TryAdd(Codec.H264, 10, 0, came[0]);
        TryAdd(Codec.H264, 11, 0, came[1]);
        Assert.Equal([false, true, true, false], new[] { 9L, 10, 11, 12 }.Select(_fragments.Contains));
        while (_fragments.TryTake(out _))
        {
        }

        Assert.False(_fragments.Contains(10));
    }

    [Theory]
    [InlineData(Codec.H264, "")]
    [InlineData(Codec.H264, "7c")]
    [InlineData(Codec.H264, "7c81")] // no body
    [InlineData(Codec.H264, "7cc101")] // starts and ends
    [InlineData(Codec.H264, "7d810101")] // FU-B
    [InlineData(Codec.H264, "65810101")] // a whole unit
    [InlineData(Codec.H264, "78000101")] // STAP-A
    [InlineData(Codec.H265, "62011301c0")] // goes on
    [InlineData(Codec.H265, "620193")] // no body
    [InlineData(Codec.H265, "6201d301")] // starts and ends
    [InlineData(Codec.H265, "28019301")] // a whole unit
    [InlineData(Codec.Vp8, "7c810101")]
    [InlineData(Codec.Opus, "7c810101")]
    public void Anything_but_the_first_fragment_of_a_unit_is_not_taken(Codec codec, string payload)
    {
        Pass(Codec.H264, Fragments(Codec.H264, 3000));
        var bytes = Convert.FromHexString(payload);
        Assert.False(FragmentHeader.TryParse(codec, bytes, out var header) && header.Starts);
        Assert.False(TryAdd(codec, 1, 0, bytes));
    }

    // As the owner of a track does.
    private bool TryAdd(Codec codec, long sequence, long timestamp, byte[] payload)
    {
        if (!FragmentHeader.TryParse(codec, payload, out var header)) return false;
        _habit.Note(header, payload.Length, _endsPicture);
        return (_fragments.Count > 0 || _habit.IsUneven) && _fragments.TryAdd(header, sequence, timestamp, payload);
    }

    private static List<byte[]> Fragments(Codec codec, int size, byte header = 0x41, int limit = Limit)
    {
        var random = new SeededRandom((ulong)size);
        var body = new byte[size];
        random.Fill(body);
        var front = codec == Codec.H264 ? 2 : 3;
        var fragments = new List<byte[]>();
        for (var at = 0; at < size; at += limit - front)
        {
            var length = Math.Min(limit - front, size - at);
            var flags = (at == 0 ? 0x80 : 0) | (at + length == size ? 0x40 : 0);
            if (flags == 0xc0) flags = 0x80; // of a unit that small only the beginning
            byte[] first = codec == Codec.H264 ? [(byte)(header & 0xe0 | 28), (byte)(flags | header & 0x1f)] : [49 << 1, 1, (byte)(flags | header & 0x3f)];
            fragments.Add([.. first, .. body.AsSpan(at, length)]);
        }

        return fragments;
    }

    private List<byte[]> Pass(Codec codec, List<byte[]> payloads)
    {
        var given = payloads.Select((payload, i) => (_sequence + i, payload)).ToList();
        _sequence += payloads.Count;
        return [.. Pass(codec, given, _sequence).Select(l => l.Payload)];
    }

    private List<(long Sequence, byte[] Payload)> Pass(Codec codec, List<(long Sequence, byte[] Payload)> given, long timestamp)
    {
        var left = new List<(long, byte[])>();
        var held = new List<long>();
        foreach (var (sequence, payload) in given)
        {
            if (left.Exists(l => l.Item1 == sequence) || _fragments.Contains(sequence)) continue;
            if (TryAdd(codec, sequence, timestamp, payload))
            {
                held.Add(sequence);
                if (_fragments.IsWhole) Take();
                continue;
            }

            Take();
            left.Add((sequence, payload));
        }

        Take();
        return left;

        void Take()
        {
            var i = 0;
            for (; _fragments.TryTake(out var payload); i++) left.Add((held[i], payload.ToArray()));
            Assert.Equal(held.Count, i);
            held.Clear();
        }
    }

    private static string Rebuilt(Codec codec, List<byte[]> payloads)
    {
        var unit = new List<byte>();
        for (var i = 0; i < payloads.Count; i++)
        {
            Assert.True(FragmentHeader.TryParse(codec, payloads[i], out var header));
            Assert.Equal((i == 0, i > 0 && i == payloads.Count - 1), (header.Starts, header.Ends));
            unit.AddRange(payloads[i].AsSpan(header.Length));
        }

        return Convert.ToHexString([.. unit]);
    }

    private sealed class ByBytes : IEqualityComparer<byte[]>
    {
        public static readonly ByBytes Instance = new();

        public bool Equals(byte[]? x, byte[]? y) => x.AsSpan().SequenceEqual(y);

        public int GetHashCode(byte[] obj) => obj.Length;
    }
}
