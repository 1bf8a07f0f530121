namespace Sluice.Outputs.Recordings;

/// <summary>Why a recording stopped, in the words the API shows.</summary>
public static class RecordingReasons
{
    /// <summary>Less than the reserve is left.</summary>
    public const string DiskFull = "the disk has less left than Recording:ReserveBytes";

    /// <summary>No frame that could be kept ever came.</summary>
    public const string Empty = "nothing that can be recorded came";

    /// <summary>A bug of ours.</summary>
    public const string Internal = "the recorder failed; the log has the cause";
}
