using Sluice.Protocols.Rtp.Sdp;
using Sluice.Testing.Fuzzing;
using Sluice.Testing.Offers;

namespace Sluice.Protocols.Tests.Sdp;

/// <summary>Public corpora are read where they lie beside the checkout; without them these tests say nothing.</summary>
public sealed class SdpCorpusTests
{
    // A codec without a clock, and a mid that is no token: strange to WebRTC, and refused with the line named.
    private static readonly string[] NotWebRtc = ["alac.sdp", "st2110-20.sdp"];

    private static IEnumerable<string> Files(string corpus)
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            var path = Path.Combine(folder.FullName, "shared", "corpora", corpus);
            if (Directory.Exists(path)) return Directory.EnumerateFiles(path, "*.sdp", SearchOption.AllDirectories).Order(StringComparer.Ordinal);
        }

        return [];
    }

    [Theory]
    [InlineData("sdp-mozilla")]
    [InlineData("sdp-transform")]
    public void Corpora_break_no_promise(string corpus)
    {
        foreach (var file in Files(corpus)) SdpTarget.Run(File.ReadAllBytes(file));
    }

    [Fact]
    public void Descriptions_of_many_writers_are_taken_and_lose_no_attribute()
    {
        var refused = new List<string>();
        foreach (var file in Files("sdp-transform"))
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
}
