using System.Buffers;
using System.Text;
using System.Text.Json;
using Sluice.Control.Channels;
using Sluice.Control.Live;
using Sluice.Protocols.Rtmp.Amf;
using Sluice.Protocols.Wire;

namespace Sluice.Inputs.Rtmp;

/// <summary>Data messages with the stream's time: cue points, texts, metadata that changes. They go on as notes, their values as JSON.</summary>
internal sealed partial class RtmpPublisher
{
    // Encoders that do not know the time of a message say 0.
    private static readonly TimeSpan FurthestNote = TimeSpan.FromSeconds(10);

    private AmfValue? _metadata;

    private void HandleNote(string name, AmfValue? value, long milliseconds)
    {
        if (_stream is not { } stream || value is null) return;
        var now = _input.Clock.ToNtp(_now);
        var at = _timeline.At(milliseconds * 1_000_000 + _epoch.Offset);
        if ((at - now).Duration() > FurthestNote) at = now;
        if (name.Length > TimedNote.MaxName) name = name[..TimedNote.MaxName];
        var note = new TimedNote(at, name) { Text = value.Kind == AmfKind.Text ? value.Text : ToJson(value) };
        if (note.Fits && stream.Notes.TryPost(note, _now)) _hasAppended = true;
        else Note($"Its {name} messages are too many or too large; some are left out.");
        if (CueOf(name, value, at) is not { } cue) return;
        if (stream.Cues.TryPost(cue, _now)) _hasAppended = true;
        else Note("Its captions are too many; some are left out.");
    }

    // As encoders send what is to be read: a text, mostly with a language and a track; how long it is to be seen is rarely said.
    private static TimedCue? CueOf(string name, AmfValue value, NtpTime at)
    {
        if (name is not ("onTextData" or "onCaption")) return null;
        var text = value.Kind == AmfKind.Text ? value : value["text"];
        if (text.Kind != AmfKind.Text) return null;
        var seconds = value["duration"] is { Kind: AmfKind.Number } duration ? duration.Number : double.NaN;
        var language = value["language"] is { Kind: AmfKind.Text, Text.Length: <= LanguageTag.MaxLength } named ? named.Text : "";
        return TimedCue.Of(at, text.Text, language, seconds);
    }

    // The first says what the stream is, which the media says itself; later ones say what has changed.
    private void FollowMetadata(AmfValue? value, long milliseconds)
    {
        if (value is null || (_metadata is not null && AmfValue.SameContent(_metadata, value))) return;
        if (_metadata is not null) HandleNote("onMetaData", value, milliseconds);
        _metadata = value;
    }

    private static string ToJson(AmfValue value)
    {
        var output = new ArrayBufferWriter<byte>();
        using (var writer = new Utf8JsonWriter(output))
        {
            Write(writer, value);
        }

        return Encoding.UTF8.GetString(output.WrittenSpan);
    }

    private static void Write(Utf8JsonWriter writer, AmfValue value)
    {
        switch (value.Kind)
        {
            case AmfKind.Number or AmfKind.Date when double.IsFinite(value.Number):
                writer.WriteNumberValue(value.Number);
                break;
            case AmfKind.Boolean:
                writer.WriteBooleanValue(value.IsTrue);
                break;
            case AmfKind.Text:
                writer.WriteStringValue(value.Text);
                break;
            case AmfKind.Structure or AmfKind.NamedArray:
                writer.WriteStartObject();
                foreach (var property in value.Properties)
                {
                    writer.WritePropertyName(property.Name);
                    Write(writer, property.Value);
                }

                writer.WriteEndObject();
                break;
            case AmfKind.List:
                writer.WriteStartArray();
                foreach (var item in value.Items) Write(writer, item);
                writer.WriteEndArray();
                break;
            default:
                writer.WriteNullValue();
                break;
        }
    }
}
