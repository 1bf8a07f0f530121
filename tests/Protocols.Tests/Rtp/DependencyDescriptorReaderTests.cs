using Sluice.Protocols.Media;
using Sluice.Protocols.Rtp.Extensions;

namespace Sluice.Protocols.Tests.Rtp;

public class DependencyDescriptorReaderTests
{
    private readonly DependencyDescriptorReader _reader = new();

    [Fact]
    public void A_keyframe_brings_its_structure()
    {
        Assert.True(_reader.TryRead(Keyframe(L2T2), out var key));
        Assert.True(key.HasStructure);
        Assert.True(key.StartOfFrame);
        Assert.False(key.EndOfFrame);
        Assert.Equal((0, 0), (key.SpatialLayer, key.TemporalLayer));
        Assert.Equal(0b1111u, key.ActiveDecodeTargets);

        var structure = _reader.Structure!;
        Assert.Equal(4, structure.TemplateCount);
        Assert.Equal(4, structure.DecodeTargetCount);
        Assert.Equal((2, 2), (structure.SpatialLayerCount, structure.TemporalLayerCount));
        Assert.Equal(2, structure.ChainCount);
        Assert.Equal(new Resolution(640, 360), structure.ResolutionOf(0));
        Assert.Equal(new Resolution(1280, 720), structure.ResolutionOf(1));

        // Targets: both layers complete, upper without its second temporal layer, lower complete, lower without.
        Assert.Equal((1, 1), (structure.SpatialLayerOfTarget(0), structure.TemporalLayerOfTarget(0)));
        Assert.Equal((1, 0), (structure.SpatialLayerOfTarget(1), structure.TemporalLayerOfTarget(1)));
        Assert.Equal((0, 1), (structure.SpatialLayerOfTarget(2), structure.TemporalLayerOfTarget(2)));
        Assert.Equal((0, 0), (structure.SpatialLayerOfTarget(3), structure.TemporalLayerOfTarget(3)));
    }

    [Theory]
    [InlineData(60, 0, 0)]
    [InlineData(61, 0, 1)]
    [InlineData(62, 1, 0)]
    [InlineData(63, 1, 1)]
    public void Later_packets_find_their_layers_by_template(int template, int spatial, int temporal)
    {
        Assert.True(_reader.TryRead(Keyframe(L2T2), out _));
        Assert.True(_reader.TryRead(Mandatory(template, 500), out var descriptor));
        Assert.Equal((spatial, temporal), (descriptor.SpatialLayer, descriptor.TemporalLayer));
        Assert.Equal(500, descriptor.FrameNumber);
        Assert.False(descriptor.HasStructure);
        Assert.Null(descriptor.ActiveDecodeTargets);
    }

    [Fact]
    public void Template_ids_wrap_at_64()
    {
        Assert.True(_reader.TryRead(Keyframe(L2T2, firstTemplate: 62), out _));
        Assert.True(_reader.TryRead(Mandatory(1, 2), out var descriptor)); // 62, 63, 0, 1
        Assert.Equal((1, 1), (descriptor.SpatialLayer, descriptor.TemporalLayer));
        Assert.False(_reader.TryRead(Mandatory(2, 3), out _));
        Assert.False(_reader.TryRead(Mandatory(61, 3), out _));
    }

    [Fact]
    public void Nothing_is_known_before_the_first_keyframe()
    {
        Assert.False(_reader.TryRead(Mandatory(0, 1), out _));
        Assert.False(_reader.TryRead(Custom(0), out _));
        Assert.Null(_reader.Structure);
    }

    [Fact]
    public void Indications_come_from_the_template_unless_the_packet_has_its_own()
    {
        Assert.True(_reader.TryRead(Keyframe(L2T2), out _));
        Assert.True(_reader.TryRead(Mandatory(63, 2), out var upper));
        Assert.Equal(DecodeTargetIndication.Discardable, upper.IndicationFor(0));
        Assert.Equal(DecodeTargetIndication.NotPresent, upper.IndicationFor(3));
        Assert.True(_reader.TryRead(Custom(63), out var custom));
        Assert.Equal(DecodeTargetIndication.Required, custom.IndicationFor(0));
        Assert.Equal(DecodeTargetIndication.Switch, custom.IndicationFor(3));
        Assert.Equal(0b0011u, custom.ActiveDecodeTargets);
    }

    [Fact]
    public void Every_cut_of_a_keyframe_is_refused_and_changes_nothing()
    {
        Assert.True(_reader.TryRead(Keyframe(L2T2), out _));
        var before = _reader.Structure;
        var other = Keyframe(L1T3);
        for (var length = 0; length < other.Length; length++)
        {
            if (length == 3) continue; // a descriptor of mandatory fields only is whole
            Assert.False(_reader.TryRead(other.AsSpan(0, length), out _));
            Assert.Same(before, _reader.Structure);
            Assert.Equal(4, _reader.Structure!.TemplateCount);
        }

        Assert.True(_reader.TryRead(other, out _));
        Assert.Equal(3, _reader.Structure!.TemporalLayerCount);
        Assert.Equal(1, _reader.Structure!.SpatialLayerCount);
        Assert.False(_reader.Structure!.HasResolutions);
        Assert.True(_reader.Structure!.ResolutionOf(0).IsEmpty);
    }

    [Theory]
    [InlineData(2u, 4)] // a fifth spatial layer
    [InlineData(1u, 8)] // a ninth temporal layer
    [InlineData(0u, 64)] // a sixty-fifth template
    public void More_layers_than_the_codec_has_are_refused(uint step, int steps)
    {
        var bits = new BitWriter().Bits(3, 2).Bits(0, 6).Bits(1, 16).Bits(0b10000, 5).Bits(0, 6).Bits(0, 5);
        for (var i = 0; i < steps; i++)
        {
            bits.Bits(step, 2);
        }

        bits.Bits(3, 2);
        for (var i = 0; i < 200; i++)
        {
            bits.Bits(0, 8);
        }

        Assert.False(_reader.TryRead(bits.ToArray(), out _));
        Assert.Null(_reader.Structure);
    }

    [Fact]
    public void Random_structures_read_back_their_layers()
    {
        var random = new Random(4);
        for (var round = 0; round < 500; round++)
        {
            var steps = new List<uint>();
            int spatial = 0, temporal = 0;
            var layers = new List<(int S, int T)> { (0, 0) };
            while (layers.Count < 64 && random.Next(12) != 0)
            {
                var step = (uint)random.Next(3);
                if (step == 1 && temporal == 7 || step == 2 && spatial == 3) continue;
                temporal = step == 1 ? temporal + 1 : step == 2 ? 0 : temporal;
                spatial += step == 2 ? 1 : 0;
                steps.Add(step);
                layers.Add((spatial, temporal));
            }

            var targets = random.Next(1, 33);
            var chains = random.Next(targets + 1);
            var first = random.Next(64);
            var shape = new Shape([.. steps], targets, (uint)chains, random.Next(2) == 1, random);
            Assert.True(_reader.TryRead(Keyframe(shape, first), out _));
            var structure = _reader.Structure!;
            Assert.Equal((layers.Count, targets, chains), (structure.TemplateCount, structure.DecodeTargetCount, structure.ChainCount));
            for (var template = 0; template < layers.Count; template++)
            {
                Assert.True(_reader.TryRead(Mandatory((first + template) % 64, 1), out var descriptor));
                Assert.Equal(layers[template], (descriptor.SpatialLayer, descriptor.TemporalLayer));
            }
        }
    }

    private sealed record Shape(
        uint[] Steps, int Targets, uint Chains, bool Resolutions, Random? Random = null, uint[][]? Indications = null);

    private static Shape L2T2 { get; } = new(
        [1, 2, 1],
        4,
        2,
        true,
        Indications: [[2, 2, 2, 2], [1, 0, 1, 0], [2, 2, 0, 0], [1, 0, 0, 0]]);

    private static Shape L1T3 { get; } = new([1, 1], 3, 0, false, new Random(1));

    private static byte[] Keyframe(Shape shape, int firstTemplate = 60)
    {
        var bits = new BitWriter().Bits(1, 1).Bits(0, 1).Bits((uint)firstTemplate, 6).Bits(1, 16);
        bits.Bits(0b10000, 5).Bits((uint)firstTemplate, 6).Bits((uint)shape.Targets - 1, 5);
        foreach (var step in shape.Steps)
        {
            bits.Bits(step, 2);
        }

        bits.Bits(3, 2);
        var templates = shape.Steps.Length + 1;
        for (var template = 0; template < templates; template++)
        {
            for (var target = 0; target < shape.Targets; target++)
            {
                bits.Bits(shape.Indications?[template][target] ?? (uint)shape.Random!.Next(4), 2);
            }
        }

        for (var template = 0; template < templates; template++)
        {
            for (var differences = shape.Random?.Next(4) ?? 1; differences > 0; differences--)
            {
                bits.Bits(1, 1).Bits(3, 4);
            }

            bits.Bits(0, 1);
        }

        bits.NonSymmetric((uint)shape.Targets + 1, shape.Chains);
        if (shape.Chains > 0)
        {
            for (var target = 0; target < shape.Targets; target++)
            {
                bits.NonSymmetric(shape.Chains, (uint)target % shape.Chains);
            }

            for (var i = 0; i < templates * shape.Chains; i++)
            {
                bits.Bits(9, 4);
            }
        }

        bits.Bits(shape.Resolutions ? 1u : 0, 1);
        if (shape.Resolutions)
        {
            var spatialLayers = 1 + shape.Steps.Count(step => step == 2);
            for (var layer = 0; layer < spatialLayers; layer++)
            {
                bits.Bits((640u << layer) - 1, 16).Bits((360u << layer) - 1, 16);
            }
        }

        return bits.ToArray();
    }

    private static byte[] Mandatory(int template, uint frame) =>
        new BitWriter().Bits(1, 2).Bits((uint)template, 6).Bits(frame, 16).ToArray();

    // Active targets 0 and 1, indications 3 0 0 2, one frame difference of eight bits, a chain difference for each of two chains.
    private static byte[] Custom(int template) =>
        new BitWriter().Bits(3, 2).Bits((uint)template, 6).Bits(9, 16).Bits(0b01111, 5)
            .Bits(0b0011, 4).Bits(0b11_00_00_10, 8).Bits(2, 2).Bits(200, 8).Bits(0, 2).Bits(0x0102, 16).ToArray();
}
