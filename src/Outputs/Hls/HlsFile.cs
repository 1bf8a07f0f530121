namespace Sluice.Outputs.Hls;

/// <summary>A segment on disk, or on its way there.</summary>
internal sealed class HlsFile(string path, long length)
{
    private int _state;

    public string Path => path;

    public long Length => length;

    public bool IsSaved => Volatile.Read(ref _state) == 1;

    /// <summary>It could not be kept: disk full, or more to write than the disk takes.</summary>
    public bool IsLost => Volatile.Read(ref _state) == 2;

    public void Settle(bool isSaved) => Volatile.Write(ref _state, isSaved ? 1 : 2);
}
