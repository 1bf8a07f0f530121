using System.Collections.Concurrent;
using Sluice.Protocols.Hls.Playlists;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Captions;
using Sluice.Protocols.Media.Containers.Cmaf;
using Sluice.Protocols.Media.Containers.MpegTs;
using Sluice.Protocols.Wire;

namespace Sluice.Outputs.Hls;

/// <summary>The channel for old players: MPEG-TS, while somebody asks for it.</summary>
public sealed partial class HlsChannel
{
    /// <summary>The file name of playlists of MPEG-TS.</summary>
    public const string TransportFile = "ts.m3u8";

    // What packets and their headers add.
    private const double TransportOverhead = 1.08;

    private readonly ConcurrentDictionary<string, HlsTransport> _transports = new(StringComparer.Ordinal);

    /// <summary>There is something that MPEG-TS can carry.</summary>
    public bool HasTransport
    {
        get
        {
            foreach (var rendition in Renditions)
            {
                if (IsTransported(rendition)) return true;
            }

            return false;
        }
    }

    /// <summary>A rendition as MPEG-TS; null where it cannot be carried.</summary>
    public HlsTransport? TransportOf(HlsRendition rendition)
    {
        if (_transports.TryGetValue(rendition.Name, out var known) && ReferenceEquals(known.Lead, rendition)) return known;
        if (!IsTransported(rendition)) return null;
        var made = new HlsTransport(this, rendition, _settings, _output.Clock());
        return _transports.AddOrUpdate(rendition.Name, made, (_, other) => ReferenceEquals(other.Lead, rendition) ? other : made);
    }

    /// <summary>The sound that MPEG-TS can carry: the publisher's AAC, else what is made on demand.</summary>
    internal HlsRendition? FindAac()
    {
        foreach (var rendition in Renditions)
        {
            if (rendition.Kind == MediaKind.Audio && (rendition.IsOnDemand || rendition.Segmenter.Format is { Codec: Codec.Aac } format && TsSegmentWriter.CanCarry(format))) return rendition;
        }

        return null;
    }

    private bool IsTransported(HlsRendition rendition)
    {
        if (rendition.IsSilent) return false;
        if (rendition.Kind == MediaKind.Video) return rendition.Segmenter.Format is { } format && TsSegmentWriter.CanCarry(format);
        return ReferenceEquals(rendition, FindAac()) && !Renditions.Any(r => r.Kind == MediaKind.Video && !r.IsSilent);
    }

    private byte[] WriteTransportMultivariant(string prefix)
    {
        var variants = new List<PlaylistVariant>();
        var sound = FindAac();
        var captions = DeclaredCaptions;
        foreach (var rendition in Renditions)
        {
            if (!IsTransported(rendition)) continue;
            captions |= rendition.Captions;
            var format = rendition.Segmenter.Format;
            var (peak, average) = rendition.Bitrate();
            var codecs = format is null ? AacCodec : CodecStrings.Of(format);
            if (rendition.Kind == MediaKind.Video && sound is not null)
            {
                var (soundPeak, soundAverage) = sound.Bitrate();
                peak += soundPeak == 0 ? GuessedAudioBitrate : soundPeak;
                average += soundPeak == 0 ? GuessedAudioBitrate : soundAverage;
                codecs = $"{codecs},{(sound.Segmenter.Format is { } known ? CodecStrings.Of(known) : AacCodec)}";
            }

            variants.Add(new PlaylistVariant($"{prefix}{rendition.Name}/{TransportFile}", (long)(peak * TransportOverhead), (long)(average * TransportOverhead), codecs)
            {
                Width = format?.Resolution.Width ?? 0, Height = format?.Resolution.Height ?? 0, FrameRate = rendition.Kind == MediaKind.Video ? Math.Round(rendition.Segmenter.FrameRate, 2) : 0,
            });
        }

        return MultivariantPlaylist.Write(variants, [], [], areIndependent: false, captions, version: 3);
    }

    private void ForgetTransports(Instant now)
    {
        foreach (var (name, transport) in _transports)
        {
            if (now - transport.AskedAt >= _settings.Linger) _transports.TryRemove(KeyValuePair.Create(name, transport));
        }
    }
}
