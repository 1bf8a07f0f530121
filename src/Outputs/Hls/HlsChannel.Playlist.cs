using System.Collections.Concurrent;
using System.Globalization;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Hls.Segments;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Captions;
using Sluice.Protocols.Media.Containers.Cmaf;

namespace Sluice.Outputs.Hls;

/// <summary>The multivariant playlist of a channel.</summary>
public sealed partial class HlsChannel
{
    private const string AacCodec = "mp4a.40.2";
    private const int GuessedAudioBitrate = 128_000;

    private readonly ConcurrentDictionary<(string File, HlsEncoding Encoding), Rendered> _multivariants = new();
    private string _cacheControl = "";
    private string _cacheControlPrivate = "";

    private sealed record Rendered(byte[] Bytes, string Tag, long AtSecond);

    /// <summary>The multivariant playlist; written anew once a second at most, and for each grant.</summary>
    /// <param name="prefix">What goes before the names of renditions: empty, or a grant and a slash.</param>
    /// <param name="file">The file name of the media playlists that are referred to.</param>
    /// <param name="encoding">How it travels.</param>
    /// <param name="tag">Its entity tag.</param>
    public byte[] WriteMultivariant(string prefix, string file, HlsEncoding encoding, out string tag)
    {
        var second = _output.Clock().Nanoseconds / 1_000_000_000;
        if (prefix.Length == 0 && _multivariants.TryGetValue((file, encoding), out var known) && known.AtSecond == second)
        {
            tag = known.Tag;
            return known.Bytes;
        }

        var plain = file == TransportFile ? WriteTransportMultivariant(prefix) : WriteMultivariant(prefix, file);
        tag = string.Create(CultureInfo.InvariantCulture, $"\"{_names.Tag}-{Crc32C(plain):x8}-{(int)encoding}\"");
        var bytes = HlsBody.Encode(plain, encoding);
        if (prefix.Length == 0) _multivariants[(file, encoding)] = new Rendered(bytes, tag, second);
        return bytes;
    }

    /// <summary>How long a playlist that was waited for may be kept: six target durations.</summary>
    public string CacheControlOf(bool isPrivate)
    {
        if (_cacheControl.Length == 0)
        {
            var age = (6 * TargetDuration).ToString(CultureInfo.InvariantCulture);
            _cacheControlPrivate = $"private, max-age={age}";
            _cacheControl = $"public, max-age={age}";
        }

        return isPrivate ? _cacheControlPrivate : _cacheControl;
    }

    private static uint Crc32C(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        foreach (var b in bytes) crc = System.Numerics.BitOperations.Crc32C(crc, b);
        return crc;
    }

    private byte[] WriteMultivariant(string prefix, string file)
    {
        var variants = new List<PlaylistVariant>();
        var audio = new List<PlaylistAudio>();
        var areIndependent = true;
        var subtitles = new List<PlaylistSubtitles>();
        var captions = DeclaredCaptions;
        foreach (var rendition in Renditions)
        {
            if (rendition.IsSilent) continue;
            var uri = $"{prefix}{rendition.Name}/{file}";
            if (rendition.Language.Length > 0) subtitles.Add(new PlaylistSubtitles(rendition.Language, rendition.Language, uri));
            if (rendition.Kind is null) continue;
            var format = rendition.Segmenter.Format;
            var (peak, average) = rendition.Bitrate();
            areIndependent &= rendition.IsIndependent;
            captions |= rendition.Captions;
            if (rendition.Kind == MediaKind.Video)
            {
                if (format is null) continue;
                variants.Add(new PlaylistVariant(uri, peak, average, CodecStrings.Of(format))
                {
                    Width = format.Resolution.Width, Height = format.Resolution.Height, FrameRate = Math.Round(rendition.Segmenter.FrameRate, 2),
                });
            }
            else if (format is not null || rendition.CanBeMade)
            {
                var codec = format is null ? AacCodec : CodecStrings.Of(format);
                if (peak == 0) peak = average = GuessedAudioBitrate;
                var name = rendition.Name == "audio-0" ? "Sound" : rendition.IsOnDemand ? "Sound (AAC)" : $"Sound {rendition.Name["audio-".Length..]}";
                audio.Add(new PlaylistAudio(codec.StartsWith("mp4a", StringComparison.Ordinal) ? "aac" : codec, name, uri, peak, average, codec, format?.Channels ?? 2));
            }
        }

        if (variants.Count > 0) return MultivariantPlaylist.Write(variants, audio, subtitles, areIndependent, captions);
        return MultivariantPlaylist.Write([.. audio.Select(a => new PlaylistVariant(a.Uri, a.Bandwidth, a.AverageBandwidth, a.Codec))], [], subtitles, areIndependent, captions);
    }
}
