using System.Text;
using Sluice.Protocols.Hls.Playlists;

namespace Sluice.Testing.Fuzzing;

/// <summary>Queries and names of HLS requests: what is taken means what it says, and a name has one spelling.</summary>
public static class HlsRequestTarget
{
    private static readonly MediaNames Names = new("k3x");

    public static void Run(ReadOnlySpan<byte> input)
    {
        var text = Encoding.Latin1.GetString(input);
        if (DeliveryDirectives.TryParse(text, out var directives))
        {
            if (directives.Sequence < -1 || directives.Part < -1) throw new InvalidOperationException("A directive is negative.");
            if (directives.Part >= 0 && directives.Sequence < 0) throw new InvalidOperationException("A part of no segment.");
            if (directives.Sequence >= 0 && !text.Contains("_HLS_msn=", StringComparison.Ordinal)) throw new InvalidOperationException("A segment nobody named.");
        }

        var written = Names.Parse(text, out var number, out var part) switch
        {
            MediaResource.Init => $"k3x.i{number}.mp4",
            MediaResource.Transport => Names.Transport(number),
            MediaResource.Key => Names.Key(number),
            MediaResource.Segment => Names.Segment(number),
            MediaResource.Part => Names.Part(number, part),
            _ => text,
        };
        if (written != text) throw new InvalidOperationException($"{text} reads as {written}.");
    }
}
