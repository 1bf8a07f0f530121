namespace Sluice.Protocols.Media.Codecs;

/// <summary>
/// The escape of H.264 and H.265: within a NAL unit, 00 00 03 stands for 00 00 so that no start code appears in the payload
/// (H.264 §7.4.1, H.265 §7.4.2).
/// </summary>
public static class EmulationPrevention
{
    /// <summary>
    /// Copies a NAL unit without its escape bytes. Stops when the destination is full: a parser of the front of a unit gives a bounded
    /// buffer and sees the cut as a short input.
    /// </summary>
    /// <returns>Bytes written.</returns>
    public static int Remove(ReadOnlySpan<byte> escaped, Span<byte> destination)
    {
        var written = 0;
        var zeros = 0;
        foreach (var value in escaped)
        {
            if (zeros >= 2 && value == 3)
            {
                zeros = 0;
                continue;
            }

            if (written == destination.Length) break;
            destination[written++] = value;
            zeros = value == 0 ? zeros + 1 : 0;
        }

        return written;
    }

    /// <summary>Bytes of a NAL unit that its first so many are written in, escapes between them included and one behind them not.</summary>
    /// <param name="escaped">The unit, from where counting begins.</param>
    /// <param name="count">Bytes without escapes.</param>
    public static int Measure(ReadOnlySpan<byte> escaped, int count)
    {
        var at = 0;
        var zeros = 0;
        for (; count > 0 && at < escaped.Length; at++)
        {
            if (zeros >= 2 && escaped[at] == 3)
            {
                zeros = 0;
                continue;
            }

            zeros = escaped[at] == 0 ? zeros + 1 : 0;
            count--;
        }

        return at;
    }
}
