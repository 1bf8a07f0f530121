namespace Sluice.Workers.Transcoding;

/// <summary>What can be made of a track.</summary>
internal enum RenditionKind
{
    /// <summary>Opus, for browsers by WebRTC.</summary>
    Opus,

    /// <summary>AAC-LC, for players of HLS and RTMP.</summary>
    Aac,

    /// <summary>H.264 shown in the order it is decoded in, with a key picture each second, for browsers by WebRTC.</summary>
    PlainVideo,
}
