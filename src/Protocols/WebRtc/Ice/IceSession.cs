using System.Text;
using Sluice.Protocols.WebRtc.Stun;

namespace Sluice.Protocols.WebRtc.Ice;

/// <summary>The credentials of one ICE session in the form a check is compared with: bytes, made once.</summary>
internal sealed class IceSession
{
    private readonly byte[] _username; // with an unknown remote fragment: "local:", else "local:remote"
    private readonly bool _remoteIsKnown;

    public IceSession(IceCredentials local, IceCredentials? remote, int generation)
    {
        Local = local;
        Remote = remote;
        Generation = generation;
        Password = Encoding.UTF8.GetBytes(local.Pwd);
        _remoteIsKnown = remote is not null;
        _username = Encoding.UTF8.GetBytes($"{local.Ufrag}:{remote?.Ufrag}");
    }

    public IceCredentials Local { get; }

    public IceCredentials? Remote { get; }

    public int Generation { get; }

    public byte[] Password { get; }

    public bool Matches(ReadOnlySpan<byte> username) =>
        _remoteIsKnown ? username.SequenceEqual(_username) : username.Length > _username.Length && username.StartsWith(_username);

    public bool IsAuthentic(in StunMessageView message) => message.CheckIntegrity(Password);
}
