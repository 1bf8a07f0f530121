using Sluice.Protocols.Rtmp.Amf;

namespace Sluice.Protocols.Tests.Rtmp;

public sealed class AmfTests
{
    [Fact]
    public void Every_kind_of_value_reads_back_as_it_was_written()
    {
        var value = AmfValue.Structure(
            new AmfProperty("number", AmfValue.Of(-1.5)),
            new AmfProperty("nan", AmfValue.Of(double.NaN)),
            new AmfProperty("true", AmfValue.True),
            new AmfProperty("text", AmfValue.Of("grün")),
            new AmfProperty("long", AmfValue.Of(new string('x', 70_000))),
            new AmfProperty("null", AmfValue.Null),
            new AmfProperty("undefined", AmfValue.Undefined),
            new AmfProperty("list", AmfValue.List(AmfValue.Of(1), AmfValue.NamedArray(new AmfProperty("", AmfValue.False)))),
            new AmfProperty("typed", AmfValue.TypedStructure("Some.Class", new AmfProperty("a", AmfValue.Of(2)))),
            new AmfProperty("date", AmfValue.Date(1_600_000_000_000)));
        var writer = new AmfWriter(new byte[100_000]);
        writer.Value(value);
        Assert.False(writer.Overflowed);
        var reader = new AmfReader(writer.Written, AmfLimits.Default);
        Assert.True(reader.TryRead(out var read));
        Assert.True(AmfValue.SameContent(value, read));
        Assert.Equal(0, reader.Remaining);
    }

    [Fact]
    public void A_writer_without_room_says_so_and_writes_nothing_more()
    {
        var writer = new AmfWriter(new byte[10]);
        writer.Number(1);
        writer.Text("long");
        writer.Null();
        Assert.True(writer.Overflowed);
        Assert.InRange(writer.Written.Length, 9, 10);
    }

    [Fact]
    public void An_array_may_lack_its_end_at_the_end_of_the_message()
    {
        var reader = new AmfReader([8, 0, 0, 0, 1, 0, 1, (byte)'w', 0, 0x40, 0, 0, 0, 0, 0, 0, 0], AmfLimits.Default);
        Assert.True(reader.TryRead(out var value));
        Assert.Equal(2, value["w"].Number);
    }

    [Theory]
    [InlineData("00 3f f0", AmfError.Truncated)]
    [InlineData("02 00 05 61", AmfError.Truncated)]
    [InlineData("03 00 01 61 05", AmfError.None)]
    [InlineData("03 00 01 61 03 00 01 61 05", AmfError.Truncated)]
    [InlineData("0a ff ff ff ff 05", AmfError.Truncated)]
    [InlineData("0c 7f ff ff ff 61", AmfError.Truncated)]
    [InlineData("0c ff ff ff ff 61", AmfError.Truncated)]
    [InlineData("08 00 00", AmfError.Truncated)]
    [InlineData("04", AmfError.UnknownMarker)]
    [InlineData("09", AmfError.UnknownMarker)]
    [InlineData("0e", AmfError.UnknownMarker)]
    [InlineData("ff", AmfError.UnknownMarker)]
    [InlineData("11 0a 01", AmfError.BadReference)]
    [InlineData("11 06 02", AmfError.BadReference)]
    [InlineData("11 0a 07 03 58 00", AmfError.Externalizable)]
    [InlineData("11 09 ff ff ff ff 01", AmfError.Truncated)]
    [InlineData("11 12", AmfError.UnknownMarker)]
    [InlineData("11 0d ff ff ff ff 00", AmfError.Truncated)]
    [InlineData("11 11 ff ff ff ff 00", AmfError.Truncated)]
    [InlineData("11 0a ff ff ff fb 01", AmfError.Truncated)]
    public void Damage_is_named(string hex, AmfError error)
    {
        var reader = new AmfReader(Hex(hex), AmfLimits.Default);
        Assert.Equal(error == AmfError.None, reader.TryRead(out _));
        Assert.Equal(error, reader.Error);
    }

    [Theory]
    [InlineData("03 00 01 61")]
    [InlineData("11 09 03 01")]
    [InlineData("0a 00 00 00 01")]
    public void Depth_is_bounded(string level)
    {
        var one = Hex(level);
        var bytes = Enumerable.Range(0, 100_000).SelectMany(_ => one).ToArray();
        var reader = new AmfReader(bytes, AmfLimits.Default);
        Assert.False(reader.TryRead(out _));
        Assert.Equal(AmfError.TooDeep, reader.Error);
    }

    [Fact]
    public void The_number_of_values_is_bounded()
    {
        byte[] bytes = [0x0a, 0, 1, 0, 0, .. Enumerable.Repeat((byte)5, 70_000)];
        var reader = new AmfReader(bytes, AmfLimits.Default);
        Assert.False(reader.TryRead(out _));
        Assert.Equal(AmfError.TooManyValues, reader.Error);
    }

    [Theory]
    [InlineData("04 00", 0)]
    [InlineData("04 7f", 127)]
    [InlineData("04 81 00", 128)]
    [InlineData("04 ff 7f", 16383)]
    [InlineData("04 bf ff ff ff", 268_435_455)]
    [InlineData("04 c0 80 80 00", -268_435_456)]
    [InlineData("04 ff ff ff ff", -1)]
    [InlineData("05 40 04 00 00 00 00 00 00", 2.5)]
    public void Amf3_numbers_have_29_bits_or_are_doubles(string hex, double number)
    {
        var reader = new AmfReader(Hex(hex), AmfLimits.Default);
        Assert.True(reader.TryReadAmf3(out var value));
        Assert.Equal(number, value.Number);
    }

    [Fact]
    public void Amf3_objects_share_classes_and_strings()
    {
        // Two objects of one class in an array; the second names class and text by reference.
        var reader = new AmfReader(Hex("09 05 01 0a 13 03 43 03 61 06 05 68 69 0a 01 06 04"), AmfLimits.Default);
        Assert.True(reader.TryReadAmf3(out var value));
        Assert.Equal(["hi", "hi"], value.Items.Select(item => item["a"].Text));
        Assert.Equal(["C", "C"], value.Items.Select(item => item.Text));
    }

    [Fact]
    public void Amf3_dynamic_members_follow_sealed_ones()
    {
        var reader = new AmfReader(Hex("0a 1b 01 03 61 04 01 03 62 04 02 01"), AmfLimits.Default);
        Assert.True(reader.TryReadAmf3(out var value));
        Assert.Equal([("a", 1.0), ("b", 2.0)], value.Properties.Select(p => (p.Name, p.Value.Number)));
    }

    [Fact]
    public void Amf0_goes_on_after_a_value_in_amf3()
    {
        var reader = new AmfReader(Hex("11 06 03 61 02 00 01 62"), AmfLimits.Default);
        Assert.True(reader.TryReadText(out var first));
        Assert.True(reader.TryReadText(out var second));
        Assert.Equal(("a", "b"), (first, second));
    }

    [Fact]
    public void Values_that_are_skipped_leave_their_length()
    {
        var reader = new AmfReader(Hex("0c 07 61 62 63"), AmfLimits.Default);
        Assert.True(reader.TryReadAmf3(out var value));
        Assert.Equal((AmfKind.Bytes, 3), (value.Kind, value.Number));
    }

    [Fact]
    public void Every_prefix_of_a_message_is_read_or_refused()
    {
        var whole = Hex("03 00 01 61 11 0a 0b 01 03 62 09 05 01 06 03 63 08 01 00 00 00 00 00 00 00 00 01 00 01 64 0a 00 00 00 01 05 00 00 09");
        for (var length = 0; length < whole.Length; length++)
        {
            var reader = new AmfReader(whole.AsSpan(0, length), AmfLimits.Default);
            var isRead = reader.TryRead(out _);
            Assert.True(isRead || length == 0 || reader.Error != AmfError.None);
        }
    }

    private static byte[] Hex(string hex) => Convert.FromHexString(hex.Replace(" ", "", StringComparison.Ordinal));
}
