namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>Why a text is no session description we take.</summary>
/// <param name="Line">The line counted from 1, blank lines included; 0 where the text as a whole is at fault.</param>
/// <param name="Reason">What is wrong, in words for the person who sent it. Holds at most a short, printable piece of the input.</param>
public sealed record SdpError(int Line, string Reason)
{
    /// <inheritdoc />
    public override string ToString() => Line == 0 ? Reason : $"line {Line}: {Reason}";
}
