namespace Sluice.Bench;

/// <summary>What <c>sluice bench fanout</c> can measure.</summary>
internal enum Scenario
{
    /// <summary>One publisher of the clip, more and more viewers, beside the floor.</summary>
    FanOut = 0,

    /// <summary>The same with 600 kbit/s.</summary>
    Low,

    /// <summary>The same with sound alone.</summary>
    Audio,

    /// <summary>200 publishers with two viewers each.</summary>
    Publishers,

    /// <summary>20 publishers with 75 viewers each.</summary>
    Rooms,

    /// <summary>One publisher with 1500 viewers, after 50.</summary>
    Crowd,

    /// <summary>1000 viewers within five seconds.</summary>
    Join,

    /// <summary>The forwarding delay at 100 viewers.</summary>
    Delay,

    /// <summary>100 good viewers, alone and beside three bad ones.</summary>
    Hostile,
}
