namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>One <c>a=</c> line.</summary>
/// <param name="Name">What stands before the first colon.</param>
/// <param name="Value">What stands after it; null for a flag without a colon.</param>
public readonly record struct SdpAttributeLine(string Name, string? Value = null)
{
    /// <summary>The line without <c>a=</c>.</summary>
    public override string ToString() => Value is null ? Name : $"{Name}:{Value}";
}

/// <summary>A line that is no attribute and that we carry through without reading it.</summary>
/// <param name="Type">The letter before the equals sign.</param>
/// <param name="Value">What stands after it.</param>
public readonly record struct SdpLine(char Type, string Value);
