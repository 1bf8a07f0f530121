using System.Text;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Walks the events that lie before a chunk's fragment (<c>emsg</c> of version 1, ISO/IEC 23009-1 §5.10.3.3). Others, and damaged ones, are passed over.</summary>
/// <param name="chunk">The bytes of the chunk.</param>
public ref struct TimedEventReader(ReadOnlySpan<byte> chunk)
{
    private BoxReader _boxes = new(chunk);

    /// <summary>Reads the next event; false at the end.</summary>
    public bool TryRead([System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TimedEvent? timed)
    {
        timed = null;
        while (_boxes.TryRead(out var box))
        {
            if (box.Type == BoxType.Emsg && TryParse(in box, out timed)) return true;
        }

        return false;
    }

    private static bool TryParse(in Box box, [System.Diagnostics.CodeAnalysis.NotNullWhen(true)] out TimedEvent? timed)
    {
        timed = null;
        if (!box.TryReadFull(out var version, out _, out var rest) || version != 1) return false;
        var reader = new ByteReader(rest);
        if (!reader.TryReadU32(out var timescale) || timescale == 0 || !reader.TryReadU64(out var at) || !reader.TryReadU32(out var duration)
            || !reader.TryReadU32(out var id) || !reader.TryReadBytes(rest.Length - 20, out var texts)) return false;
        var scheme = texts.IndexOf((byte)0);
        if (scheme < 0) return false;
        var behind = texts[(scheme + 1)..];
        var value = behind.IndexOf((byte)0);
        if (value < 0) return false;
        timed = new TimedEvent(Encoding.UTF8.GetString(texts[..scheme]), Encoding.UTF8.GetString(behind[..value]), id, timescale, at, duration, behind[(value + 1)..].ToArray());
        return true;
    }
}
