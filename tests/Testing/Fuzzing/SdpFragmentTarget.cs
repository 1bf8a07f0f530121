using System.Text;
using Sluice.Protocols.Rtp.Sdp;
using Sluice.Protocols.WebRtc.Signalling;

namespace Sluice.Testing.Fuzzing;

/// <summary>A trickle fragment that is taken has both credentials or none, usable candidates only, and few of them.</summary>
public static class SdpFragmentTarget
{
    /// <summary>Runs one input as UTF-8 text.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.UTF8.GetString(input);
        if (TrickleFragment.TryParse(text, out var fragment) is { } error)
        {
            Must(error.Reason.Length is > 0 and < 300, "an error is a sentence, not the input");
            Must(ReferenceEquals(fragment, TrickleFragment.Empty), "a refused fragment is empty");
            return;
        }

        Must(fragment.IceUfrag.Length == 0 == (fragment.IcePwd.Length == 0), "credentials come together");
        Must(!fragment.IsRestartOf(fragment.IceUfrag, fragment.IcePwd), "the same credentials are no restart");
        Must(fragment.Candidates.Count <= Negotiator.MaxCandidates, "candidates are bounded");
        foreach (var candidate in fragment.Candidates)
        {
            Must(candidate.Component == 1 && candidate.TryGetAddress(out _), "candidates can be used");
            Must(IceCandidateLine.TryParse(candidate.ToString(), out var again) && again == candidate, "candidates survive writing");
        }
    }

    private static void Must(bool holds, string promise)
    {
        if (!holds) throw new InvalidOperationException(promise);
    }
}
