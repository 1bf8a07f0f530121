namespace Sluice.Protocols.Rtmp.Chunks;

/// <summary>What a message is (RTMP 1.0 §5.4, §7.1).</summary>
public enum RtmpMessageType : byte
{
    /// <summary>Changes the sender's chunk size; the chunk layer takes it.</summary>
    SetChunkSize = 1,

    /// <summary>Gives up a partial message; the chunk layer takes it.</summary>
    Abort = 2,

    /// <summary>How many bytes the peer has received.</summary>
    Acknowledgement = 3,

    /// <summary>Stream begin, stream end, ping and the like.</summary>
    UserControl = 4,

    /// <summary>After how many bytes the receiver shall acknowledge.</summary>
    WindowAcknowledgementSize = 5,

    /// <summary>How many unacknowledged bytes the receiver may send.</summary>
    SetPeerBandwidth = 6,

    /// <summary>An audio tag.</summary>
    Audio = 8,

    /// <summary>A video tag.</summary>
    Video = 9,

    /// <summary>Metadata, a format byte before AMF0 values that may switch to AMF3.</summary>
    DataAmf3 = 15,

    /// <summary>A shared object in AMF3.</summary>
    SharedObjectAmf3 = 16,

    /// <summary>A command, a format byte before AMF0 values that may switch to AMF3.</summary>
    CommandAmf3 = 17,

    /// <summary>Metadata in AMF0.</summary>
    DataAmf0 = 18,

    /// <summary>A shared object in AMF0.</summary>
    SharedObjectAmf0 = 19,

    /// <summary>A command in AMF0.</summary>
    CommandAmf0 = 20,

    /// <summary>Several audio, video and data messages in one.</summary>
    Aggregate = 22,
}
