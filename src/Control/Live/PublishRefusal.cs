namespace Sluice.Control.Live;

/// <summary>Why a publisher was turned away or put out, in words for the channel's owner.</summary>
/// <param name="At">When.</param>
/// <param name="Protocol">By which protocol it came.</param>
/// <param name="Reason">The reason as a sentence, with the remedy; never a secret.</param>
public sealed record PublishRefusal(DateTimeOffset At, string Protocol, string Reason);
