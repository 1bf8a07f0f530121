using System.Net;
using System.Text;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Stun;

/// <summary>RFC 5769 in both directions.</summary>
public sealed class StunVectorTests
{
    private static readonly StunTransactionId Transaction = new(0xb7e7_a701, 0xbc34_d686_fa87_dfae);

    [Fact]
    public void The_request_is_read()
    {
        Assert.True(StunMessageView.TryParse(StunVectors.Request, out var message));

        Assert.Equal(StunClass.Request, message.Class);
        Assert.Equal(StunMethod.Binding, message.Method);
        Assert.Equal(Transaction, message.TransactionId);
        Assert.True(message.TryGetUsername(out var username));
        Assert.Equal("evtj:h6vY"u8, username);
        Assert.True(message.TryGetAttribute(StunAttributeType.Software, out var software));
        Assert.Equal("STUN test client"u8, software);
        Assert.True(message.TryGetPriority(out var priority));
        Assert.Equal(0x6e00_01ffu, priority);
        Assert.True(message.TryGetIceControlled(out var tieBreaker));
        Assert.Equal(0x932f_f9b1_5126_3b36u, tieBreaker);
        Assert.False(message.TryGetIceControlling(out _));
        Assert.False(message.HasUseCandidate);
        Assert.True(message.CheckIntegrity(StunVectors.Password));
        Assert.True(message.CheckFingerprint());
        Assert.False(message.CheckIntegrity("another password"u8));
    }

    [Fact]
    public void The_answers_are_read()
    {
        Assert.True(StunMessageView.TryParse(StunVectors.IPv4Response, out var four));
        Assert.Equal(StunClass.Success, four.Class);
        Assert.True(four.TryGetXorMappedAddress(out var address));
        Assert.Equal(NetworkAddress.From(IPEndPoint.Parse("192.0.2.1:32853")), address);
        Assert.True(four.CheckIntegrity(StunVectors.Password) && four.CheckFingerprint());

        Assert.True(StunMessageView.TryParse(StunVectors.IPv6Response, out var six));
        Assert.True(six.TryGetXorMappedAddress(out address));
        Assert.Equal(NetworkAddress.From(IPEndPoint.Parse("[2001:db8:1234:5678:11:2233:4455:6677]:32853")), address);
        Assert.True(six.CheckIntegrity(StunVectors.Password) && six.CheckFingerprint());
    }

    [Fact]
    public void The_long_term_request_checks_with_its_derived_key()
    {
        Assert.True(StunMessageView.TryParse(StunVectors.LongTermRequest, out var message));

        Assert.True(message.TryGetUsername(out var username));
        Assert.Equal("マトリックス", Encoding.UTF8.GetString(username));
        Assert.False(message.HasFingerprint);
        Assert.False(message.CheckFingerprint());
        Assert.True(message.CheckIntegrity(StunVectors.LongTermKey));
        Assert.False(message.CheckIntegrity("TheMatrIX"u8));
    }

    [Fact]
    public void The_request_is_written_byte_for_byte()
    {
        var bytes = new byte[256];
        var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, Transaction) { Padding = 0x20 };
        writer.Add(StunAttributeType.Software, "STUN test client"u8);
        writer.AddPriority(0x6e00_01ff);
        writer.AddIceControlled(0x932f_f9b1_5126_3b36);
        writer.AddUsername("evtj:h6vY"u8);
        writer.AddIntegrity(StunVectors.Password);
        writer.AddFingerprint();

        Assert.Equal(StunVectors.Request, writer.Written);
    }

    [Theory]
    [InlineData("192.0.2.1:32853", 0)]
    [InlineData("[2001:db8:1234:5678:11:2233:4455:6677]:32853", 1)]
    public void The_answers_are_written_byte_for_byte(string mapped, int which)
    {
        var bytes = new byte[256];
        var writer = new StunMessageWriter(bytes, StunClass.Success, StunMethod.Binding, Transaction) { Padding = 0x20 };
        writer.Add(StunAttributeType.Software, "test vector"u8);
        writer.AddXorMappedAddress(NetworkAddress.From(IPEndPoint.Parse(mapped)));
        writer.AddIntegrity(StunVectors.Password);
        writer.AddFingerprint();

        Assert.Equal(which == 0 ? StunVectors.IPv4Response : StunVectors.IPv6Response, writer.Written);
    }

    [Fact]
    public void Any_changed_bit_of_a_signed_message_is_noticed()
    {
        var bytes = StunVectors.Request.ToArray();
        for (var bit = 0; bit < bytes.Length * 8; bit++)
        {
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
            var isWhole = StunMessageView.TryParse(bytes, out var message)
                && message.CheckIntegrity(StunVectors.Password)
                && message.CheckFingerprint();
            Assert.False(isWhole, $"bit {bit}");
            bytes[bit / 8] ^= (byte)(1 << bit % 8);
        }
    }

    [Fact]
    public void Any_truncation_of_a_message_is_refused()
    {
        for (var length = 0; length < StunVectors.Request.Length; length++)
        {
            Assert.False(StunMessageView.TryParse(StunVectors.Request.AsSpan(0, length), out _), $"length {length}");
        }
    }
}
