using Sluice.Control.Channels;

namespace Sluice.Control.Admission;

/// <summary>Whether someone may publish or watch.</summary>
public enum Verdict
{
    /// <summary>Yes.</summary>
    Granted,

    /// <summary>There is no such channel.</summary>
    ChannelUnknown,

    /// <summary>Nothing was presented where something is needed.</summary>
    KeyMissing,

    /// <summary>What was presented does not open this channel.</summary>
    KeyWrong,
}

/// <summary>The service's answer: the verdict, and the channel where it is granted.</summary>
public readonly record struct AdmissionAnswer(Verdict Verdict, Channel? Channel)
{
    /// <summary>Yes, on this channel.</summary>
    public static AdmissionAnswer Grant(Channel channel) => new(Verdict.Granted, channel);

    /// <summary>No, for this reason.</summary>
    public static AdmissionAnswer Refuse(Verdict verdict) => new(verdict, null);
}
