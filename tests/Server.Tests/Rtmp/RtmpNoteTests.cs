using Sluice.Control.Live;
using Sluice.Protocols.Rtmp.Amf;

namespace Sluice.Server.Tests.Rtmp;

public sealed class RtmpNoteTests
{
    private readonly RtmpLab _lab = new();

    [Fact]
    public void Data_messages_become_notes_at_the_time_of_their_pictures()
    {
        var publisher = Begin();
        publisher.Picture(40);
        publisher.SendData(40, "onTextData", AmfValue.Structure(new AmfProperty("text", AmfValue.Of("hello \"you\"")), new AmfProperty("n", AmfValue.Of(1.5))));
        publisher.SendData(41, "onCuePoint", AmfValue.List(AmfValue.True, AmfValue.Null, AmfValue.Of(double.NaN)));
        publisher.SendData(42, "plain", AmfValue.Of("just words"));
        var notes = Notes();
        Assert.Equal(["onTextData", "onCuePoint", "plain"], notes.Select(n => n.Name));
        Assert.Equal(["""{"text":"hello \u0022you\u0022","n":1.5}""", "[true,null,null]", "just words"], notes.Select(n => n.Text));
        var picture = _lab.Live!.Tracks[0].Timeline!.ToNtp(40 * 90);
        Assert.InRange((notes[0].At - picture).TotalMilliseconds, -2, 2);
        Assert.InRange((notes[2].At - notes[0].At).TotalMilliseconds, 1.9, 2.1);
    }

    [Fact]
    public void A_time_that_cannot_be_meant_is_now()
    {
        var publisher = Begin();
        publisher.SendData(3_600_000, "late", AmfValue.Of("x"));
        Assert.Equal(0, (Notes()[0].At - _lab.Input.Clock.ToNtp(_lab.Now)).TotalMilliseconds, 1);
    }

    [Fact]
    public void Texts_are_cues_too_and_other_messages_are_not()
    {
        var publisher = Begin();
        publisher.Picture(40);
        publisher.SendData(40, "onTextData", AmfValue.Structure(new AmfProperty("text", AmfValue.Of("hello\nyou")), new AmfProperty("language", AmfValue.Of("eng")), new AmfProperty("trackid", AmfValue.Of(99))));
        publisher.SendData(40, "onCaption", AmfValue.NamedArray(new AmfProperty("text", AmfValue.Of("short")), new AmfProperty("duration", AmfValue.Of(1.5)), new AmfProperty("language", AmfValue.Of(7))));
        publisher.SendData(40, "onTextData", AmfValue.Of("alone"));
        publisher.SendData(41, "onTextData", AmfValue.Structure(new AmfProperty("text", AmfValue.Of(1))));
        publisher.SendData(41, "onTextData", AmfValue.Of(new string('x', TimedCue.MaxText + 1)));
        publisher.SendData(41, "onTextData", AmfValue.Of(" "));
        publisher.SendData(41, "onCuePoint", AmfValue.Structure(new AmfProperty("text", AmfValue.Of("no"))));
        var cues = new List<TimedCue>();
        for (var position = 0L; _lab.Live!.Cues.TryTake(ref position, out var cue);) cues.Add(cue);
        Assert.Equal([("hello\nyou", "eng", 2.0), ("short", "", 1.5), ("alone", "", 2.0)], cues.Select(c => (c.Text, c.Language, c.Duration.TotalSeconds)));
        Assert.All(cues, c => Assert.InRange((c.At - _lab.Live.Tracks[0].Timeline!.ToNtp(40 * 90)).TotalMilliseconds, -2, 2));
    }

    [Fact]
    public void Metadata_is_a_note_only_where_it_changes()
    {
        var publisher = _lab.Publish();
        publisher.SendMetadata(("videocodecid", 7), ("audiocodecid", 10));
        publisher.Begin();
        publisher.Picture(0, isKey: true);
        publisher.SendMetadata(("videocodecid", 7), ("audiocodecid", 10));
        Assert.Empty(Notes());
        publisher.SendMetadata(("videocodecid", 7), ("audiocodecid", 10), ("scene", 2));
        var note = Assert.Single(Notes());
        Assert.Equal(("onMetaData", """{"videocodecid":7,"audiocodecid":10,"scene":2}"""), (note.Name, note.Text));
    }

    [Fact]
    public void Too_many_are_left_out_and_the_stream_goes_on()
    {
        var publisher = Begin();
        for (var i = 0; i < 100; i++) publisher.SendData(i, "flood", AmfValue.Of("x"));
        Assert.InRange(Notes().Count, 20, 30);
        publisher.SendData(0, "large", AmfValue.Of(new string('x', 2000)));
        publisher.Picture(40);
        Assert.Equal(2, _lab.Live!.Tracks[0].Frames.Count);
    }

    private LabPublisher Begin()
    {
        var publisher = _lab.Publish();
        publisher.Begin();
        publisher.Picture(0, isKey: true);
        Assert.NotNull(_lab.Live);
        return publisher;
    }

    private List<TimedNote> Notes()
    {
        var notes = new List<TimedNote>();
        var position = 0L;
        while (_lab.Live!.Notes.TryTake(ref position, out var note)) notes.Add(note);
        return notes;
    }
}
