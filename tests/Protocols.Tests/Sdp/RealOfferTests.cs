using Sluice.Protocols.Rtp.Sdp;
using Sluice.Testing.Offers;

namespace Sluice.Protocols.Tests.Sdp;

public sealed class RealOfferTests
{
    public static TheoryData<string> Offers => [.. RealOffers.Names];

    [Theory]
    [MemberData(nameof(Offers))]
    public void An_offer_is_written_exactly_as_it_was_read(string name) =>
        Assert.Equal(RealOffers.Text(name), RealOffers.Read(name).ToSdp());

    [Theory]
    [MemberData(nameof(Offers))]
    public void Line_endings_and_blank_lines_make_no_difference(string name)
    {
        var text = RealOffers.Text(name);
        var unix = text.Replace("\r\n", "\n", StringComparison.Ordinal);
        Assert.Equal(text, RealOffers.Parse(unix).ToSdp());
        Assert.Equal(text, RealOffers.Parse(unix.TrimEnd('\n')).ToSdp());
        Assert.Equal(text, RealOffers.Parse(unix.Replace('\n', '\r')).ToSdp());
        Assert.Equal(text, RealOffers.Parse(unix.Replace("\n", "\n\n", StringComparison.Ordinal)).ToSdp());
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void Every_typed_value_is_written_as_it_was_read(string name)
    {
        var offer = RealOffers.Read(name);
        foreach (var attributes in offer.Media.Select(media => media.Attributes).Prepend(offer.Attributes))
        {
            Same(attributes, "rtpmap", attributes.RtpMaps, line => line.EndsWith("G722/8000/1", StringComparison.Ordinal) ? line[..^2] : line);
            Same(attributes, "fmtp", attributes.FormatParameters);
            Same(attributes, "rtcp-fb", attributes.Feedback);
            Same(attributes, "extmap", attributes.ExtensionMaps);
            Same(attributes, "fingerprint", attributes.Fingerprints);
            Same(attributes, "group", attributes.Groups);
            Same(attributes, "ssrc", attributes.Ssrcs);
            Same(attributes, "ssrc-group", attributes.SsrcGroups);
            Same(attributes, "msid", attributes.Msids);
            Same(attributes, "rid", attributes.Rids);
            Same(attributes, "candidate", attributes.Candidates,
                line => line.Replace(" UDP ", " udp ", StringComparison.Ordinal).Replace(" TCP ", " tcp ", StringComparison.Ordinal));
            Assert.Equal(attributes.Find("simulcast"), attributes.Simulcast?.ToString());
        }
    }

    [Theory]
    [MemberData(nameof(Offers))]
    public void An_offer_cut_anywhere_is_read_or_refused_and_never_throws(string name)
    {
        var text = RealOffers.Text(name);
        var refused = 0;
        for (var length = 0; length < text.Length; length++)
        {
            var error = SessionDescription.TryParse(text.AsSpan(0, length), out var description);
            if (error is not null)
            {
                refused++;
                Assert.Equal(description, SessionDescription.Empty);
            }
            else
            {
                Assert.StartsWith(description.ToSdp()[..Math.Min(20, length)], text, StringComparison.Ordinal);
            }
        }

        Assert.True(refused > 10, "cuts within a line's first letters and within values that must be whole are refused");
    }

    private static void Same<T>(SdpAttributes attributes, string name, IEnumerable<T> typed, Func<string, string>? spelling = null)
        where T : class
    {
        var lines = attributes.Where(line => line.Name == name).Select(line => (spelling ?? (text => text))(line.Value!));
        Assert.Equal(lines, typed.Select(value => value.ToString()!));
    }
}
