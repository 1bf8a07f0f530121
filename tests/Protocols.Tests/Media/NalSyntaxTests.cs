using Sluice.Protocols.Media.Codecs;

namespace Sluice.Protocols.Tests.Media;

public sealed class NalSyntaxTests
{
    [Theory]
    [InlineData("", "")]
    [InlineData("000003", "0000")]
    [InlineData("00000300000301", "0000000001")]
    [InlineData("0000030003", "00000003")]
    [InlineData("00000303", "000003")]
    [InlineData("000103", "000103")]
    [InlineData("030303", "030303")]
    [InlineData("000000", "000000")]
    public void Escape_bytes_are_removed_and_nothing_else(string escaped, string plain)
    {
        Span<byte> buffer = stackalloc byte[32];
        var length = EmulationPrevention.Remove(Convert.FromHexString(escaped), buffer);
        Assert.Equal(plain, Convert.ToHexStringLower(buffer[..length]));
    }

    [Fact]
    public void Removal_stops_where_the_buffer_ends()
    {
        Span<byte> buffer = stackalloc byte[3];
        Assert.Equal(3, EmulationPrevention.Remove([1, 2, 3, 4, 5], buffer));
        Assert.Equal(0, EmulationPrevention.Remove([1, 2], []));
    }

    [Fact]
    public void Escaping_and_removing_gives_any_bytes_back()
    {
        var random = new Random(3);
        var buffer = new byte[400];
        for (var i = 0; i < 2_000; i++)
        {
            var bits = new BitWriter();
            var plain = new byte[random.Next(100)];
            foreach (ref var value in plain.AsSpan())
            {
                value = (byte)random.Next(5); // mostly what needs escaping
                bits.Bits(value, 8);
            }

            var length = EmulationPrevention.Remove(bits.ToNal(), buffer);
            Assert.Equal(plain, buffer[..length]);
        }
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("0001", "")]
    [InlineData("6742", "")]                                   // no start code at all
    [InlineData("000001", "")]
    [InlineData("000001000001", "")]
    [InlineData("00000167", "67")]
    [InlineData("0000000167", "67")]
    [InlineData("ffff00000167", "67")]
    [InlineData("00000167420000016841", "6742 6841")]
    [InlineData("0000016742000000000168410000", "6742 6841")]  // zeros that belong to nobody
    [InlineData("000001674200000100000168", "6742 68")]        // an empty unit between
    public void Units_are_what_stands_between_start_codes(string stream, string units)
    {
        var reader = new AnnexBReader(Convert.FromHexString(stream));
        var found = new List<string>();
        while (reader.TryRead(out var nal))
        {
            found.Add(Convert.ToHexStringLower(nal));
        }

        Assert.Equal(units, string.Join(' ', found));
    }
}
