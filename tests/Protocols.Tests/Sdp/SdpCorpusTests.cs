using Sluice.Protocols.Rtp.Sdp;
using Sluice.Testing;
using Sluice.Testing.Fuzzing;
using Sluice.Testing.Offers;

namespace Sluice.Protocols.Tests.Sdp;

/// <summary>Descriptions from public corpora, where they lie beside the checkout.</summary>
public sealed class SdpCorpusTests
{
    private const string Mozilla = "corpora/sdp-mozilla";
    private const string SdpTransform = "corpora/sdp-transform";

    // A codec without a clock, and a mid that is no token: strange to WebRTC, and refused with the line named.
    private static readonly string[] NotWebRtc = ["alac.sdp", "st2110-20.sdp"];

    [FetchedDataFact(Mozilla)]
    public void Descriptions_of_a_browsers_tests_break_no_promise() => AssertPromises(Mozilla);

    [FetchedDataFact(SdpTransform)]
    public void Descriptions_of_many_writers_break_no_promise() => AssertPromises(SdpTransform);

    [FetchedDataFact(SdpTransform)]
    public void Descriptions_of_many_writers_are_taken_and_lose_no_attribute()
    {
        var refused = new List<string>();
        foreach (var file in Files(SdpTransform))
        {
            var name = Path.GetFileName(file);
            var text = File.ReadAllText(file);
            if (SessionDescription.TryParse(text, out var description) is { } error)
            {
                if (!NotWebRtc.Contains(name)) refused.Add($"{name} {error}");
                continue;
            }

            var attributes = text.Split('\n').Count(line => line.StartsWith("a=", StringComparison.Ordinal));
            Assert.True(attributes == description.Attributes.Count + description.Media.Sum(media => media.Attributes.Count), name);
        }

        Assert.Equal([], refused);
    }

    [Fact]
    public void Every_seed_of_the_target_keeps_its_promises()
    {
        foreach (var name in RealOffers.Names) SdpTarget.Run(System.Text.Encoding.UTF8.GetBytes(RealOffers.Text(name)));
        SdpTarget.Run([]);
    }

    private static void AssertPromises(string corpus)
    {
        foreach (var file in Files(corpus)) SdpTarget.Run(File.ReadAllBytes(file));
    }

    private static IReadOnlyList<string> Files(string corpus)
    {
        var files = Directory.EnumerateFiles(FetchedData.Find(corpus)!, "*.sdp", SearchOption.AllDirectories).Order(StringComparer.Ordinal).ToList();
        Assert.NotEmpty(files);
        return files;
    }
}
