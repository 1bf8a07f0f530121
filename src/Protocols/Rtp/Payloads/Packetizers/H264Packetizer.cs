using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.H264;

namespace Sluice.Protocols.Rtp.Payloads.Packetizers;

/// <summary>RFC 6184 in packetization mode 1: single units (§5.6), STAP-A (§5.7.1), FU-A (§5.8).</summary>
internal sealed class H264Packetizer(int maxPayload) : NalPacketizer(Codec.H264, maxPayload, 1)
{
    private const int ReferenceBits = 0x60;

    protected override bool IsCarried(ReadOnlySpan<byte> nal) => new H264NalHeader(nal[0]).Type
        is not (H264NalType.Unspecified or H264NalType.AccessUnitDelimiter or >= H264NalType.StapA);

    protected override bool IsParameterSet(ReadOnlySpan<byte> nal) => new H264NalHeader(nal[0]).Type == H264NalType.Sps;

    protected override void AddParameterSets(ReadOnlySpan<byte> configuration)
    {
        if (!AvcConfiguration.TryParse(configuration, out var record)) return;
        var sets = record.SequenceSets;
        while (sets.TryRead(out var nal)) AddFromFormat(configuration, nal);
        sets = record.PictureSets;
        while (sets.TryRead(out var nal)) AddFromFormat(configuration, nal);
    }

    // The forbidden bit of any unit counts, and the highest nal_ref_idc.
    protected override ushort Aggregate(ushort header, ushort unit) =>
        (ushort)((header | unit) & 0x80 | Math.Max(header & ReferenceBits, unit & ReferenceBits));

    protected override void WriteAggregationHeader(Span<byte> destination, ushort header) =>
        destination[0] = (byte)(header | (byte)H264NalType.StapA);

    protected override void WriteFragmentHeader(Span<byte> destination, ReadOnlySpan<byte> nal, bool starts, bool ends)
    {
        destination[0] = (byte)(nal[0] & 0xe0 | (byte)H264NalType.FuA);
        destination[1] = (byte)((starts ? 0x80 : 0) | (ends ? 0x40 : 0) | nal[0] & 0x1f);
    }
}
