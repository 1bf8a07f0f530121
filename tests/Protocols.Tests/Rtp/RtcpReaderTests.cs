using Sluice.Protocols.Rtp.Rtcp;
using Sluice.Testing;
using Sluice.Testing.Fuzzing;

namespace Sluice.Protocols.Tests.Rtp;

public class RtcpReaderTests
{
    private const string RtcpCorpus = "corpora/libwebrtc/rtcp-corpus";

    [Theory]
    [InlineData("", "", false)]
    [InlineData("80c90001" + "00000001", "201/0/4", false)]
    [InlineData("80c90001" + "00000001" + "81ce0002" + "0000000100000002", "201/0/4 206/1/8", false)]
    [InlineData("81ce0002" + "0000000100000002", "206/1/8", false)] // reduced size
    [InlineData("80cb0000", "203/0/0", false)]
    [InlineData("9fff0000", "255/31/0", false)] // an unknown type passes by its number
    [InlineData("80c90001" + "00000001" + "80", "201/0/4", true)]
    [InlineData("80c90001" + "00000001" + "80c90002" + "00000001", "201/0/4", true)]
    [InlineData("80c9ffff" + "00000001", "", true)]
    [InlineData("00c90001" + "00000001", "", true)] // version 0
    [InlineData("c0c90001" + "00000001", "", true)] // version 3
    [InlineData("a0c90002" + "00000001" + "00000004", "201/0/4", false)] // padding
    [InlineData("a0c90002" + "00000001" + "00000008", "201/0/0", false)] // padding up to the header
    [InlineData("a0c90002" + "00000001" + "00000009", "", true)] // padding into the header
    [InlineData("a0c90002" + "00000001" + "00000000", "", true)]
    [InlineData("a0cb0000", "", true)] // padding without a byte to count it
    public void The_walk_gives_whole_packets_and_says_where_it_broke(string hex, string expected, bool malformed)
    {
        var reader = new RtcpReader(Convert.FromHexString(hex));
        var found = new List<string>();
        while (reader.MoveNext())
        {
            found.Add($"{(int)reader.Current.Type}/{reader.Current.Count}/{reader.Current.Body.Length}");
        }

        Assert.Equal(expected, string.Join(' ', found));
        Assert.Equal(malformed, reader.Malformed);
    }

    [Fact]
    public void A_foreach_walks_the_same_packets()
    {
        var count = 0;
        foreach (var packet in new RtcpReader(Convert.FromHexString("80c9000100000001" + "81ce00020000000100000002")))
        {
            count += packet.Body.Length;
        }

        Assert.Equal(12, count);
    }

    [Theory]
    [InlineData("81c90001" + "00000001")] // one block, none there
    [InlineData("80c90000")] // no SSRC
    [InlineData("80c80005" + "0000000100000000000000000000000000000000")] // sender report one word short
    [InlineData("81cb0000")] // goodbye for one, none there
    [InlineData("81cd0001" + "00000001")] // nack without media SSRC
    [InlineData("81ce0001" + "00000001")]
    [InlineData("8fce0005" + "0000000100000000" + "52454d42" + "01000000")] // REMB names one stream, none there
    [InlineData("8fce0004" + "0000000100000000" + "52454d43" + "00000000")] // not REMB
    [InlineData("8fce0004" + "0000000100000000" + "52454d42" + "00ffffff")] // above 2^63
    [InlineData("80cf0000")]
    [InlineData("80cc0002" + "00000001" + "6e616d65")] // application
    [InlineData("83ce0002" + "0000000100000002")] // unknown format
    [InlineData("83cd0002" + "0000000100000002")]
    public void A_packet_whose_body_does_not_suit_its_type_has_no_meaning(string hex) =>
        Assert.Equal(0, RtcpTarget.Walk(Convert.FromHexString(hex)));

    [Fact]
    public void No_prefix_and_no_flipped_bit_of_a_compound_breaks_the_reader()
    {
        foreach (var (_, seed) in Seeds("Rtcp"))
        {
            for (var length = 0; length <= seed.Length; length++)
            {
                RtcpTarget.Run(seed.AsSpan(0, length));
            }

            for (var bit = 0; bit < seed.Length * 8; bit++)
            {
                seed[bit / 8] ^= (byte)(1 << (bit % 8));
                RtcpTarget.Run(seed);
                seed[bit / 8] ^= (byte)(1 << (bit % 8));
            }
        }
    }

    [Fact]
    public void Every_well_formed_seed_is_understood()
    {
        foreach (var (name, seed) in Seeds("Rtcp"))
        {
            if (name is "app" or "truncated") continue;
            Assert.True(RtcpTarget.Walk(seed) > 0, name);
        }
    }

    [Fact]
    public void Random_changes_of_the_other_seeds_break_no_target()
    {
        var random = new Random(99);
        foreach (var (_, seed) in Seeds("Rtp").Concat(Seeds("DependencyDescriptor")).Concat(Seeds("HeaderExtensions")))
        {
            for (var round = 0; round < 300; round++)
            {
                var input = seed.ToArray();
                for (var changes = random.Next(4); changes > 0; changes--)
                {
                    input[random.Next(input.Length)] = (byte)random.Next(256);
                }

                RtpTarget.Run(input);
                DependencyDescriptorTarget.Run(input);
                HeaderExtensionsTarget.Run(input);
            }
        }
    }

    [FetchedDataFact(RtcpCorpus)]
    public void The_public_corpus_breaks_nothing_and_much_of_it_is_understood()
    {
        var understood = 0;
        foreach (var file in Directory.EnumerateFiles(FetchedData.Find(RtcpCorpus)!))
        {
            var bytes = File.ReadAllBytes(file);
            understood += RtcpTarget.Walk(bytes) > 0 ? 1 : 0;
            for (var length = 0; length < Math.Min(bytes.Length, 200); length++)
            {
                RtcpTarget.Run(bytes.AsSpan(0, length));
            }
        }

        Assert.True(understood > 10, $"{understood} files understood");
    }

    private static IEnumerable<(string Name, byte[] Bytes)> Seeds(string target)
    {
        var folder = Path.Combine(AppContext.BaseDirectory, "Fuzzing", "Seeds", target);
        foreach (var file in Directory.EnumerateFiles(folder).Order(StringComparer.Ordinal))
        {
            yield return (Path.GetFileName(file), File.ReadAllBytes(file));
        }
    }
}
