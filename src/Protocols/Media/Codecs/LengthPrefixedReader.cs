namespace Sluice.Protocols.Media.Codecs;

/// <summary>
/// Walks the NAL units of a sample whose units are preceded by their length, as MP4 and FLV carry H.264 and H.265 (ISO/IEC 14496-15 §4.3.3).
/// Empty units are skipped.
/// </summary>
/// <param name="sample">The bytes; the units are slices of them.</param>
/// <param name="lengthSize">Bytes of a length, 1, 2 or 4, as the configuration record says.</param>
public ref struct LengthPrefixedReader(ReadOnlySpan<byte> sample, int lengthSize)
{
    private ReadOnlySpan<byte> _rest = sample;

    /// <summary>A length did not fit into the sample; nothing more is read.</summary>
    public bool Malformed { get; private set; }

    /// <summary>Reads the next unit, header included; false at the end and at damage.</summary>
    public bool TryRead(out ReadOnlySpan<byte> nal)
    {
        nal = default;
        while (!_rest.IsEmpty)
        {
            if (_rest.Length < lengthSize) return Stop();
            uint length = 0;
            foreach (var part in _rest[..lengthSize]) length = length << 8 | part;
            _rest = _rest[lengthSize..];
            if (length > (uint)_rest.Length) return Stop();
            nal = _rest[..(int)length];
            _rest = _rest[(int)length..];
            if (!nal.IsEmpty) return true;
        }

        return false;
    }

    private bool Stop()
    {
        Malformed = true;
        _rest = default;
        return false;
    }
}
