using System.Buffers.Binary;
using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H265;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>RFC 7798 without decoding order numbers: single units (§4.4.1), aggregation packets (§4.4.2), fragments (§4.4.3).</summary>
internal sealed class H265Packetizer(int maxPayload) : NalPacketizer(Codec.H265, maxPayload, H265NalHeader.Length)
{
    private const int LayerBits = 0x01f8, TemporalBits = 0x0007, TypeShift = 9;

    protected override bool IsCarried(ReadOnlySpan<byte> nal) =>
        H265NalHeader.TryRead(nal, out var header) && header.Type is not (H265NalType.AccessUnitDelimiter or >= H265NalType.Aggregation);

    protected override bool IsParameterSet(ReadOnlySpan<byte> nal) =>
        H265NalHeader.TryRead(nal, out var header) && header.Type == H265NalType.Sps;

    protected override void AddParameterSets(ReadOnlySpan<byte> configuration)
    {
        if (!HevcConfiguration.TryParse(configuration, out var record)) return;
        var sets = record.Sets;
        while (sets.TryRead(out _, out var nal))
        {
            if (H265NalHeader.TryRead(nal, out var header) && header.IsParameterSet) AddFromFormat(configuration, nal);
        }
    }

    // The forbidden bit of any unit counts, the lowest layer and the lowest temporal id.
    protected override ushort Aggregate(ushort header, ushort unit)
    {
        if (header == 0) return (ushort)(unit & (0x8000 | LayerBits | TemporalBits));
        return (ushort)((header | unit) & 0x8000
            | Math.Min(header & LayerBits, unit & LayerBits)
            | Math.Min(header & TemporalBits, unit & TemporalBits));
    }

    protected override void WriteAggregationHeader(Span<byte> destination, ushort header) =>
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(header | (int)H265NalType.Aggregation << TypeShift));

    protected override void WriteFragmentHeader(Span<byte> destination, ReadOnlySpan<byte> nal, bool starts, bool ends)
    {
        var header = BinaryPrimitives.ReadUInt16BigEndian(nal);
        BinaryPrimitives.WriteUInt16BigEndian(destination, (ushort)(header & 0x81ff | (int)H265NalType.Fragmentation << TypeShift));
        destination[2] = (byte)((starts ? 0x80 : 0) | (ends ? 0x40 : 0) | header >> TypeShift & 0x3f);
    }
}
