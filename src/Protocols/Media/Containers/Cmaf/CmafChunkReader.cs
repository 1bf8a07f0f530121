namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>
/// Walks the chunks of a segment in memory: each is what goes before a <c>moof</c>, that, and its <c>mdat</c>, as <see cref="CmafFrameReader"/> takes it. What is
/// damaged ends it.
/// </summary>
/// <param name="segment">The bytes; chunks are slices of them.</param>
public ref struct CmafChunkReader(ReadOnlySpan<byte> segment)
{
    private ReadOnlySpan<byte> _rest = segment;

    /// <summary>Reads the next chunk; false at the end, and where what is left is none.</summary>
    public bool TryRead(out ReadOnlySpan<byte> chunk)
    {
        chunk = default;
        var boxes = new BoxReader(_rest);
        while (boxes.TryRead(out var box))
        {
            if (box.Type != BoxType.Mdat) continue;
            var end = boxes.Position;
            chunk = _rest[..end];
            _rest = _rest[end..];
            return true;
        }

        _rest = default;
        return false;
    }
}
