namespace Sluice.Protocols.Media.Codecs;

/// <summary>
/// Walks the NAL units of a byte stream whose units are parted by start codes 00 00 01 (H.264 Annex B, H.265 Annex B). Bytes before the
/// first start code are no unit and are skipped; zeros before a start code belong to no unit; empty units are skipped.
/// </summary>
public ref struct AnnexBReader
{
    private ReadOnlySpan<byte> _rest;

    /// <summary>Reads a complete byte stream; the units are slices of it.</summary>
    public AnnexBReader(ReadOnlySpan<byte> stream)
    {
        var start = IndexOfStartCode(stream);
        _rest = start < 0 ? default : stream[(start + 3)..];
    }

    /// <summary>Reads the next unit, header included, escape bytes untouched; false at the end.</summary>
    public bool TryRead(out ReadOnlySpan<byte> nal)
    {
        while (!_rest.IsEmpty)
        {
            var next = IndexOfStartCode(_rest);
            nal = (next < 0 ? _rest : _rest[..next]).TrimEnd((byte)0);
            _rest = next < 0 ? default : _rest[(next + 3)..];
            if (!nal.IsEmpty) return true;
        }

        nal = default;
        return false;
    }

    private static int IndexOfStartCode(ReadOnlySpan<byte> bytes) => bytes.IndexOf((ReadOnlySpan<byte>)[0, 0, 1]);
}
