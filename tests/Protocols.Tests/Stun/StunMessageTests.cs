using System.Buffers.Binary;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;
using Sluice.Testing;

namespace Sluice.Protocols.Tests.Stun;

public sealed class StunMessageTests
{
    private static readonly byte[] Key = "a key of some length"u8.ToArray();
    private static readonly StunTransactionId Transaction = new(1, 2);

    private delegate void Fill(ref StunMessageWriter writer);

    [Fact]
    public void A_header_alone_is_a_message()
    {
        var bytes = Write(StunClass.Indication, (ref StunMessageWriter _) => { });

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.Equal(StunClass.Indication, message.Class);
        Assert.False(message.HasIntegrity);
        Assert.False(message.CheckIntegrity(Key));
        Assert.False(message.TryGetUsername(out _));
    }

    [Fact]
    public void Every_class_and_method_survives_the_type_bits()
    {
        var bytes = new byte[StunMessageView.HeaderLength];
        for (var method = 0; method < 0x1000; method++)
        {
            for (var kind = 0; kind < 4; kind++)
            {
                _ = new StunMessageWriter(bytes, (StunClass)kind, (StunMethod)method, Transaction);
                Assert.Equal(method < 0x100, StunMessageView.TryParse(bytes, out var message));
                if (method >= 0x100) continue; // its first byte belongs to other protocols of the port (RFC 7983)

                Assert.Equal(((StunClass)kind, (StunMethod)method), (message.Class, message.Method));
            }
        }
    }

    [Theory]
    [InlineData(0, 0x40)] // TURN channel data
    [InlineData(0, 0x80)] // RTP
    [InlineData(0, 22)] // DTLS
    [InlineData(4, 0x22)] // wrong cookie
    [InlineData(3, 1)] // a length that is no multiple of four
    [InlineData(3, 4)] // a length beyond the datagram
    public void A_header_that_is_not_stun_is_refused(int index, byte value)
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter _) => { });
        bytes[index] = value;

        Assert.False(StunMessageView.TryParse(bytes, out _));
    }

    [Fact]
    public void Bytes_behind_the_message_are_refused()
    {
        byte[] bytes = [.. StunVectors.Request, 0, 0, 0, 0];

        Assert.False(StunMessageView.TryParse(bytes, out _));
    }

    [Theory]
    [InlineData(5)]
    [InlineData(0xfffc)]
    [InlineData(0xffff)]
    public void An_attribute_longer_than_the_message_is_refused(int length)
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) => writer.AddPriority(1));
        BinaryPrimitives.WriteUInt16BigEndian(bytes.AsSpan(22), (ushort)length);

        Assert.False(StunMessageView.TryParse(bytes, out _));
    }

    [Fact]
    public void A_message_longer_than_any_honest_one_is_refused()
    {
        var bytes = new byte[4096];
        var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, Transaction);
        writer.Add(StunAttributeType.Software, new byte[StunMessageView.MaxLength - 24]);
        Assert.True(StunMessageView.TryParse(writer.Written, out _));

        writer.AddUseCandidate();
        Assert.False(StunMessageView.TryParse(writer.Written, out _));
    }

    [Theory]
    [InlineData(19)]
    [InlineData(21)]
    [InlineData(0)]
    [InlineData(32)]
    public void An_integrity_of_another_length_is_refused(int length)
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) => writer.Add(StunAttributeType.MessageIntegrity, new byte[length]));

        Assert.False(StunMessageView.TryParse(bytes, out _));
    }

    [Fact]
    public void Attributes_behind_the_integrity_are_not_seen()
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) =>
        {
            writer.AddUsername("a:b"u8);
            writer.AddIntegrity(Key);
            writer.AddUseCandidate();
            writer.AddPriority(7);
            writer.Add((StunAttributeType)0x0003, [0, 0, 0, 1]);
            writer.AddFingerprint();
        });

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.True(message.CheckIntegrity(Key));
        Assert.True(message.CheckFingerprint());
        Assert.False(message.HasUseCandidate);
        Assert.False(message.TryGetPriority(out _));
        Assert.Equal(0, message.CopyUnknownRequired(new ushort[4]));
    }

    [Fact]
    public void Anything_behind_the_fingerprint_makes_the_message_malformed()
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) =>
        {
            writer.AddFingerprint();
            writer.AddUseCandidate();
        });

        Assert.False(StunMessageView.TryParse(bytes, out _));
    }

    [Fact]
    public void The_first_of_two_equal_attributes_counts()
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) =>
        {
            writer.AddPriority(1);
            writer.AddPriority(2);
        });

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.True(message.TryGetPriority(out var priority));
        Assert.Equal(1u, priority);
    }

    [Fact]
    public void A_second_integrity_does_not_replace_the_first()
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) =>
        {
            writer.AddIntegrity("of somebody else"u8);
            writer.AddIntegrity(Key);
        });

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.False(message.CheckIntegrity(Key));
    }

    [Theory]
    [InlineData(StunAttributeType.Priority, 3)]
    [InlineData(StunAttributeType.Priority, 5)]
    [InlineData(StunAttributeType.Nomination, 0)]
    [InlineData(StunAttributeType.IceControlled, 7)]
    [InlineData(StunAttributeType.IceControlling, 9)]
    [InlineData(StunAttributeType.XorMappedAddress, 4)]
    [InlineData(StunAttributeType.XorMappedAddress, 12)]
    [InlineData(StunAttributeType.ErrorCode, 3)]
    [InlineData(StunAttributeType.Username, 509)]
    public void An_attribute_of_the_wrong_length_is_not_read(StunAttributeType type, int length)
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) => writer.Add(type, new byte[length]));

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.True(message.TryGetAttribute(type, out _));
        Assert.False(message.TryGetPriority(out _));
        Assert.False(message.TryGetNomination(out _));
        Assert.False(message.TryGetIceControlled(out _));
        Assert.False(message.TryGetIceControlling(out _));
        Assert.False(message.TryGetXorMappedAddress(out _));
        Assert.False(message.TryGetErrorCode(out _, out _));
        Assert.False(message.TryGetUsername(out _));
    }

    [Theory]
    [InlineData(0, 8)]
    [InlineData(3, 8)]
    [InlineData(1, 20)]
    [InlineData(2, 8)]
    public void An_address_whose_family_does_not_fit_its_length_is_not_read(byte family, int length)
    {
        var value = new byte[length];
        value[1] = family;
        var bytes = Write(StunClass.Success, (ref StunMessageWriter writer) => writer.Add(StunAttributeType.XorMappedAddress, value));

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.False(message.TryGetXorMappedAddress(out _));
    }

    [Theory]
    [InlineData(2, 0)]
    [InlineData(7, 0)]
    [InlineData(4, 100)]
    public void An_error_code_outside_300_to_699_is_not_read(byte hundreds, byte rest)
    {
        var bytes = Write(
            StunClass.Error, (ref StunMessageWriter writer) => writer.Add(StunAttributeType.ErrorCode, [0, 0, hundreds, rest]));

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.False(message.TryGetErrorCode(out _, out _));
    }

    [Fact]
    public void Error_codes_and_unknown_attributes_survive()
    {
        var bytes = Write(StunClass.Error, (ref StunMessageWriter writer) =>
        {
            writer.AddErrorCode(487, "Role Conflict"u8);
            writer.AddUnknownAttributes([0x0003, 0x7fff, 0x0026]);
            writer.AddNomination(9);
        });

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        Assert.True(message.TryGetErrorCode(out var code, out var reason));
        Assert.Equal(487, code);
        Assert.Equal("Role Conflict"u8, reason);
        Assert.True(message.TryGetAttribute(StunAttributeType.UnknownAttributes, out var types));
        Assert.Equal([0, 3, 0x7f, 0xff, 0, 0x26], types.ToArray());
        Assert.True(message.TryGetNomination(out var nomination));
        Assert.Equal(9u, nomination);
    }

    [Fact]
    public void Only_required_types_that_are_not_understood_are_reported_and_never_more_than_there_is_room_for()
    {
        var bytes = Write(StunClass.Request, (ref StunMessageWriter writer) =>
        {
            writer.AddUsername("a:b"u8);
            writer.Add((StunAttributeType)0xc057, [1, 2, 3, 4]); // GOOG network info: optional
            writer.Add((StunAttributeType)0xc070, [1]); // optional and unheard of
            writer.Add((StunAttributeType)0x0003, []);
            writer.Add((StunAttributeType)0x0026, []);
            writer.Add((StunAttributeType)0x7fff, []);
        });

        Assert.True(StunMessageView.TryParse(bytes, out var message));
        var room = new ushort[8];
        Assert.Equal(3, message.CopyUnknownRequired(room));
        Assert.Equal([3, 0x26, 0x7fff], room.Take(3));
        Assert.Equal(2, message.CopyUnknownRequired(room.AsSpan(0, 2)));
    }

    [Fact]
    public void Any_address_survives_the_xor()
    {
        var random = new SeededRandom(5);
        for (var i = 0; i < 1000; i++)
        {
            var address = (i & 1) == 0
                ? NetworkAddress.FromIPv4((uint)random.Next(), (ushort)random.Next())
                : new NetworkAddress(random.Next() | 1, random.Next(), (ushort)random.Next());
            var transaction = new StunTransactionId((uint)random.Next(), random.Next());
            var bytes = new byte[64];
            var writer = new StunMessageWriter(bytes, StunClass.Success, StunMethod.Binding, transaction);
            writer.AddXorMappedAddress(address);

            Assert.True(StunMessageView.TryParse(writer.Written, out var message));
            Assert.True(message.TryGetXorMappedAddress(out var read));
            Assert.Equal(address, read);
        }
    }

    [Fact]
    public void A_destination_too_small_throws()
    {
        Assert.ThrowsAny<ArgumentException>(() => new StunMessageWriter(new byte[19], StunClass.Request, StunMethod.Binding, Transaction));
        Assert.ThrowsAny<ArgumentException>(() =>
        {
            var writer = new StunMessageWriter(new byte[30], StunClass.Request, StunMethod.Binding, Transaction);
            writer.AddIntegrity(Key);
        });
    }

    [Fact]
    public void Nothing_is_allocated_to_parse_and_check_a_message()
    {
        Check();
        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 100; i++)
        {
            Check();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        static void Check()
        {
            _ = StunMessageView.TryParse(StunVectors.Request, out var message)
                && message.CheckIntegrity(StunVectors.Password) && message.CheckFingerprint() && message.TryGetPriority(out _);
        }
    }

    private static byte[] Write(StunClass kind, Fill fill)
    {
        var bytes = new byte[1024];
        var writer = new StunMessageWriter(bytes, kind, StunMethod.Binding, Transaction);
        fill(ref writer);
        return writer.Written.ToArray();
    }
}
