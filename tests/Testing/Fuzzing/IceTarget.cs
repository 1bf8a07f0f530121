using Sluice.Protocols.WebRtc.Ice;
using Sluice.Protocols.WebRtc.Stun;
using Sluice.Protocols.Wire;

namespace Sluice.Testing.Fuzzing;

/// <summary>
/// An agent with one path, fed anything from elsewhere, answers and validates only what carries the right integrity, and never moves for
/// anything less. Half the inputs are signed after mutation, so that what lies behind the signature is reached too.
/// </summary>
public static class IceTarget
{
    /// <summary>The credentials the committed seeds are made with.</summary>
    public static IceCredentials Local { get; } = new("servfrag", "serverpasswordserverpw24");

    /// <summary>The peer's credentials the committed seeds are made with.</summary>
    public static IceCredentials Remote { get; } = new("peerfrag", "peerpasswordpeerpassword");

    private static readonly NetworkAddress Server = NetworkAddress.FromIPv4(0x0a00_0001, 3478);
    private static readonly NetworkPath Home = new(TransportProtocol.Udp, Server, NetworkAddress.FromIPv4(0x0a00_0002, 5000));
    private static readonly NetworkPath Elsewhere = new(TransportProtocol.Udp, Server, NetworkAddress.FromIPv4(0x0a00_0003, 6000));
    private static readonly byte[] HomeCheck = MakeHomeCheck();

    /// <summary>Runs one input: a byte that says whether to sign it, then a datagram.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;

        var now = Instant.FromMilliseconds(1000);
        var agent = new IceLiteAgent(now, Local, Remote);
        Span<byte> response = stackalloc byte[IceLiteAgent.MaxResponseLength];
        var first = agent.HandleStun(now, Home, HomeCheck, response, out _);
        FuzzAssert.That(first == IceHandling.Nominated && agent.Selected == Home, "a good check nominates");

        Span<byte> room = stackalloc byte[StunMessageView.MaxLength + 64];
        scoped var datagram = input[1..];
        if ((input[0] & 1) != 0) datagram = Sign(datagram, room);

        now += TimeSpan.FromSeconds(2);
        var handling = agent.HandleStun(now, Elsewhere, datagram, response, out var length);
        var isAuthentic = StunMessageView.TryParse(datagram, out var check)
            && check.Class == StunClass.Request
            && check.CheckIntegrity("serverpasswordserverpw24"u8);

        FuzzAssert.That(length <= IceLiteAgent.MaxResponseLength, "answers are short");
        FuzzAssert.That((handling == IceHandling.Refused) == (length == 0), "whatever is not refused is answered");
        FuzzAssert.That(handling == IceHandling.Refused || isAuthentic, "only authentic checks are answered");
        FuzzAssert.That(!agent.IsValidated(Elsewhere) || isAuthentic, "only authentic checks validate");
        FuzzAssert.That(agent.Selected == Home || (isAuthentic && check.HasUseCandidate), "only authentic nominations move the path");
        FuzzAssert.That(agent.IsValidated(Home), "a path is not lost to another");
        if (length == 0) return;

        FuzzAssert.That(StunMessageView.TryParse(response[..length], out var answer), "an answer parses");
        FuzzAssert.That(answer.TransactionId == check.TransactionId && answer.Class is StunClass.Success or StunClass.Error, "it answers");
        FuzzAssert.That(answer.CheckIntegrity("serverpasswordserverpw24"u8) && answer.CheckFingerprint(), "it is signed");
        if (answer.Class == StunClass.Success)
        {
            FuzzAssert.That(answer.TryGetXorMappedAddress(out var mapped) && mapped == Elsewhere.Remote, "it says where the check came from");
        }
    }

    // Rewrites whatever parses with a right integrity; what does not parse stays as it is.
    private static ReadOnlySpan<byte> Sign(ReadOnlySpan<byte> datagram, Span<byte> room)
    {
        if (!StunMessageView.TryParse(datagram, out var message)) return datagram;

        var writer = new StunMessageWriter(room, message.Class, message.Method, message.TransactionId);
        foreach (var attribute in message)
        {
            writer.Add(attribute.Type, attribute.Value);
        }

        writer.AddIntegrity("serverpasswordserverpw24"u8);
        writer.AddFingerprint();
        return room[..writer.Length];
    }

    private static byte[] MakeHomeCheck()
    {
        var bytes = new byte[256];
        var writer = new StunMessageWriter(bytes, StunClass.Request, StunMethod.Binding, new StunTransactionId(1, 1));
        writer.AddUsername("servfrag:peerfrag"u8);
        writer.AddPriority(100);
        writer.AddUseCandidate();
        writer.AddIntegrity("serverpasswordserverpw24"u8);
        writer.AddFingerprint();
        return bytes[..writer.Length];
    }
}
