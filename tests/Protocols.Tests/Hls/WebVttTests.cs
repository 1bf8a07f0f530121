using System.Text;
using Sluice.Protocols.Hls.Subtitles;
using Sluice.Testing;
using Sluice.Testing.Fuzzing;
using Sluice.Testing.Subtitles;

namespace Sluice.Protocols.Tests.Hls;

public sealed class WebVttTests
{
    private const long Hour = 3_600_000_000;

    [Fact]
    public void A_segment_has_a_map_and_its_cues()
    {
        SubtitleCue[] cues = [new(1, 601_200_000, 604_000_999, "Hello <b>you</b> & me"), new(12, 100 * Hour, 100 * Hour + 1, "two\nlines")];
        Assert.Equal(
            "WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n1\n00:10:01.200 --> 00:10:04.000\nHello &lt;b&gt;you&lt;/b&gt; &amp; me\n\n12\n100:00:00.000 --> 100:00:00.001\ntwo\nlines\n\n",
            Encoding.UTF8.GetString(WebVtt.Write(600_000_000, cues)));
    }

    [Fact]
    public void A_segment_without_cues_is_a_file_all_the_same() =>
        Assert.Equal("WEBVTT\nX-TIMESTAMP-MAP=MPEGTS:0,LOCAL:00:00:00.000\n\n", Encoding.UTF8.GetString(WebVtt.Write(0, [])));

    [Theory]
    [InlineData("a\n\n00:00:00.000 --> 99:00:00.000\nb", "a\n00:00:00.000 --> 99:00:00.000\nb")]
    [InlineData("a --> b line:0 position:10%", "a --> b line:0 position:10%")]
    [InlineData("--\u0000>", "-->")]
    [InlineData("a\r\rb\r\n\r\nc\u2028d\u0085e\fg", "a\nb\nc\nd\ne\ng")]
    [InlineData("  padded \t\n \t \nmore ", "padded\nmore")]
    [InlineData("<script>alert(1)</script>", "<script>alert(1)</script>")]
    [InlineData("&lt;img src=x onerror=alert(1)&gt;", "&lt;img src=x onerror=alert(1)&gt;")]
    [InlineData("<00:00:01.000>late <c.red>red</c> <v Eve>", "<00:00:01.000>late <c.red>red</c> <v Eve>")]
    [InlineData("NOTE nothing", "NOTE nothing")]
    [InlineData("\u001b[31mred\u0007", "[31mred")]
    [InlineData("a\tb", "a b")]
    public void Nothing_in_a_text_is_anything_but_text(string text, string read)
    {
        var cues = VttReader.Read(Encoding.UTF8.GetString(WebVtt.Write(0, [new SubtitleCue(1, 0, 1000, text)])), out _);
        var cue = Assert.Single(cues);
        Assert.Equal(("1", 0, 1, "", read), (cue.Id, cue.From, cue.To, cue.Settings, cue.Plain));
        Assert.DoesNotContain('<', cue.Text);
        Assert.DoesNotContain('>', cue.Text);
    }

    [Fact]
    public void Half_a_character_becomes_the_sign_for_what_cannot_be_read() =>
        Assert.Equal("half \ufffd of one", Assert.Single(VttReader.Read(Encoding.UTF8.GetString(WebVtt.Write(0, [new SubtitleCue(1, 0, 1000, "half \ud83d of one")])), out _)).Plain);

    [Fact]
    public void Any_mixture_of_what_is_dangerous_stays_one_cue()
    {
        string[] pieces = ["\n", "\r", "\r\n", "-->", "--", ">", "<", "&", ";", "lt;", "00:00:01.000", "WEBVTT", "NOTE", "STYLE", " ", "\t", "\0", "\u2028", "\u2029", "\u0085", "\ufeff", "\ud800", "é", "👋", "line:0", "X-TIMESTAMP-MAP=MPEGTS:1,LOCAL:00:00:00.000"];
        var random = new SeededRandom(608);
        for (var round = 0; round < 5000; round++)
        {
            var text = new StringBuilder();
            for (var i = random.Next(12); i >= 0; i--) text.Append(pieces[random.Next(pieces.Length)]);
            WebVttTarget.Run(Encoding.UTF8.GetBytes(text.ToString()));
        }
    }

    [Theory]
    [InlineData("", false)]
    [InlineData(" \r\n\t\u0000\u0007\u2028", false)]
    [InlineData("\n.\n", true)]
    public void Blanks_and_controls_are_nothing_to_read(string text, bool isReadable) => Assert.Equal(isReadable, WebVtt.IsReadable(text));

    [Theory]
    [InlineData(0, 0, "00:00:00.000")]
    [InlineData(95_443, 0, "00:00:00.000")]
    [InlineData(95_444, 28, "26:30:43.718")]
    [InlineData(1_000_000, 10, "265:07:17.177")]
    public void The_map_follows_the_clock_of_33_bits_around_and_cues_keep_their_times(long seconds, long ticks, string local)
    {
        var text = Encoding.UTF8.GetString(WebVtt.Write(seconds * 1_000_000, [new SubtitleCue(1, seconds * 1_000_000, seconds * 1_000_000 + 1000, "x")]));
        var cue = Assert.Single(VttReader.Read(text, out var header));
        Assert.Equal(seconds * 1000, cue.From);
        Assert.Equal([$"X-TIMESTAMP-MAP=MPEGTS:{ticks},LOCAL:{local}"], header);

        // Whatever the turn: the cue's time on the clock is that of the pictures.
        var parts = local.Split(':', '.').Select(long.Parse).ToArray();
        var map = ((parts[0] * 60 + parts[1]) * 60 + parts[2]) * 1000 + parts[3];
        Assert.Equal(seconds * 90_000 % (1L << 33), (cue.From - map) * 90 + ticks);
    }
}
