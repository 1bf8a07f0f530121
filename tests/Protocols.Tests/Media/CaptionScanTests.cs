using Sluice.Protocols.Media;
using Sluice.Protocols.Media.Codecs.Captions;
using Sluice.Protocols.Media.Frames;
using Sluice.Protocols.Tests.Media.Containers;

namespace Sluice.Protocols.Tests.Media;

public sealed class CaptionScanTests
{
    // ITU-T T.35 of the USA, ATSC, GA94, caption data; one triple.
    private const string Front = "b500314741393403";

    [Theory]
    [InlineData("fc942c", CaptionServices.FirstField)]
    [InlineData("fd942c", CaptionServices.SecondField)]
    [InlineData("fe0221", CaptionServices.Digital)]
    [InlineData("ff0221", CaptionServices.Digital)]
    [InlineData("fc8080", CaptionServices.None)]
    [InlineData("fd8080", CaptionServices.None)]
    [InlineData("f8942c", CaptionServices.None)]
    [InlineData("fc942cfd942cff0221", CaptionServices.All)]
    public void Captions_are_told_by_their_kind_and_padding_is_none(string triples, CaptionServices expected)
    {
        var data = Front + $"{0x40 | triples.Length / 6:x2}ff" + triples + "ff";
        Assert.Equal(expected, CaptionScan.Find(Avc(Message(4, data))));
        Assert.Equal(expected, CaptionScan.Find(Hevc(Message(4, data))));
    }

    [Fact]
    public void They_may_lie_behind_other_messages_and_be_escaped()
    {
        // A buffering period with zeros that need an escape, and user data that is not registered.
        var other = Message(0, "0000030100000300") + Message(5, new string('a', 600));
        Assert.Equal(CaptionServices.FirstField, CaptionScan.Find(Avc(other.Replace("0008", "0006") + Message(4, Front + "41ff" + "fc942c" + "ff"))));
    }

    [Theory]
    [InlineData("b500324741393403" + "41fffc942cff")]
    [InlineData("b500314741393404" + "41fffc942cff")]
    [InlineData("b500314454473103" + "41fffc942cff")]
    [InlineData("b500314741393403" + "01fffc942cff")]
    [InlineData("b500314741393403" + "41")]
    [InlineData("b500314741393403" + "5ffffc94")]
    [InlineData("b5")]
    [InlineData("")]
    public void What_only_resembles_them_is_none(string message) => Assert.Equal(CaptionServices.None, CaptionScan.Find(Avc(Message(4, message))));

    [Fact]
    public void A_message_that_claims_more_than_there_is_ends_the_search()
    {
        Assert.Equal(CaptionServices.None, CaptionScan.Find(Avc("04ff" + Front + "41fffc942cff")));
        Assert.Equal(CaptionServices.None, CaptionScan.Find(Avc("ffffffff")));
        Assert.Equal(CaptionServices.None, CaptionScan.Find(new Frame { Format = Formats.H264, Payload = [0, 0, 9, 9, 6, 4] }));
        Assert.Equal(CaptionServices.None, CaptionScan.Find(new Frame { Format = Formats.Vp9, Payload = [0, 0, 0, 2, 6, 4] }));
    }

    private static string Message(int type, string payload) => $"{type:x2}{string.Concat(Enumerable.Repeat("ff", payload.Length / 510))}{payload.Length / 2 % 255:x2}{payload}";

    private static Frame Avc(string messages) => Of(Formats.H264, "06" + messages + "80", "65aabb");

    private static Frame Hevc(string messages) => Of(Formats.H265, "4e01" + messages + "80", "2601aa");

    private static Frame Of(FrameFormat format, params string[] units) => new()
    {
        Format = format, Payload = units.SelectMany(u => Convert.FromHexString($"{u.Length / 2:x8}{u}")).ToArray(),
    };
}
