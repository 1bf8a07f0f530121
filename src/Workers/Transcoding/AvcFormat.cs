using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs;
using Sluice.Protocols.Media.Codecs.H264;
using Sluice.Protocols.Media.Frames;

namespace Sluice.Workers.Transcoding;

/// <summary>Makes a format of what the H.264 encoder says before its first picture.</summary>
internal static class AvcFormat
{
    private const int SequenceSet = 7;
    private const int PictureSet = 8;

    /// <summary>Reads parameter sets behind start codes; null where one is missing or makes no sense. The record is without the High profiles' extension.</summary>
    public static FrameFormat? FromParameterSets(ReadOnlySpan<byte> stream)
    {
        ReadOnlySpan<byte> sequence = default, picture = default;
        var reader = new AnnexBReader(stream);
        while (reader.TryRead(out var nal))
        {
            switch (nal[0] & 0x1F)
            {
                case SequenceSet:
                    sequence = nal;
                    break;
                case PictureSet:
                    picture = nal;
                    break;
            }
        }

        if (sequence.Length is < 4 or > 4096 || picture.Length is < 1 or > 4096 || !H264Sps.TryParse(sequence, out var sps)) return null;
        var record = new byte[11 + sequence.Length + picture.Length];
        record[0] = 1;
        sequence[1..4].CopyTo(record.AsSpan(1));
        record[4] = 0xFF; // lengths of four bytes
        record[5] = 0xE1; // one sequence parameter set
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(6), (ushort)sequence.Length);
        sequence.CopyTo(record.AsSpan(8));
        record[8 + sequence.Length] = 1;
        BinaryPrimitives.WriteUInt16BigEndian(record.AsSpan(9 + sequence.Length), (ushort)picture.Length);
        picture.CopyTo(record.AsSpan(11 + sequence.Length));
        return new FrameFormat(Codec.H264, RenditionFormats.VideoRate, 0, sps.Resolution, record);
    }
}
