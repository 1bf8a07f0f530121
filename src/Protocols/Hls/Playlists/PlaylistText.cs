using System.Buffers;
using System.Buffers.Text;
using System.Text;

namespace Sluice.Protocols.Hls.Playlists;

/// <summary>Collects the lines of a playlist. Its memory is used again.</summary>
internal sealed class PlaylistText
{
    private readonly ArrayBufferWriter<byte> _output = new(4096);

    public ReadOnlySpan<byte> Written => _output.WrittenSpan;

    public void Clear() => _output.ResetWrittenCount();

    public PlaylistText Add(ReadOnlySpan<byte> text)
    {
        _output.Write(text);
        return this;
    }

    public PlaylistText Add(string text)
    {
        Encoding.UTF8.GetBytes(text, _output);
        return this;
    }

    public PlaylistText Add(long number)
    {
        Utf8Formatter.TryFormat(number, _output.GetSpan(24), out var written);
        _output.Advance(written);
        return this;
    }

    /// <summary>Microseconds as seconds with five digits or six: parts of whole milliseconds stay readable, and sums stay exact.</summary>
    public PlaylistText AddSeconds(long microseconds)
    {
        Add(microseconds / 1_000_000).Add("."u8);
        var span = _output.GetSpan(8);
        Utf8Formatter.TryFormat((int)(microseconds % 1_000_000), span, out var written, new StandardFormat('D', 6));
        _output.Advance(written > 5 && span[5] == '0' ? 5 : written);
        return this;
    }

    /// <summary>ISO 8601 with milliseconds, UTC.</summary>
    public PlaylistText AddDate(DateTime at)
    {
        AddDigits(at.Year, 4).Add("-"u8).AddDigits(at.Month, 2).Add("-"u8).AddDigits(at.Day, 2).Add("T"u8);
        return AddDigits(at.Hour, 2).Add(":"u8).AddDigits(at.Minute, 2).Add(":"u8).AddDigits(at.Second, 2).Add("."u8).AddDigits(at.Millisecond, 3).Add("Z"u8);
    }

    /// <summary>Quoted, without what a quoted string may not hold (RFC 8216bis §4.2).</summary>
    public PlaylistText AddQuoted(string text)
    {
        Add("\""u8);
        foreach (var c in text)
        {
            if (c is '"' or '\r' or '\n') continue;
            Add(c.ToString());
        }

        return Add("\""u8);
    }

    /// <summary>A number with three digits behind the point.</summary>
    public PlaylistText AddThousandths(double number)
    {
        var thousandths = (long)Math.Round(number * 1000);
        return Add(thousandths / 1000).Add("."u8).AddDigits((int)(thousandths % 1000), 3);
    }

    private PlaylistText AddDigits(int number, byte digits)
    {
        Utf8Formatter.TryFormat(number, _output.GetSpan(8), out var written, new StandardFormat('D', digits));
        _output.Advance(written);
        return this;
    }
}
