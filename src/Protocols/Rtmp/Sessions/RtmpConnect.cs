using Sluice.Protocols.Rtmp.Amf;

namespace Sluice.Protocols.Rtmp.Sessions;

/// <summary>What Enhanced RTMP v2 adds to a connection (capsEx).</summary>
[Flags]
public enum RtmpCapabilities : byte
{
    /// <summary>Nothing.</summary>
    None = 0,

    /// <summary>The client reconnects when asked.</summary>
    Reconnect = 1,

    /// <summary>Several tracks in one stream.</summary>
    Multitrack = 2,

    /// <summary>Modifiers before packets.</summary>
    ModEx = 4,

    /// <summary>The nanosecond modifier.</summary>
    TimestampNanoOffset = 8,
}

/// <summary>What a client says as it connects (RTMP 1.0 §7.2.1.1, Enhanced RTMP v2). Everything in it is the client's claim.</summary>
public sealed class RtmpConnect
{
    private const int MaxCodecs = 64;

    private RtmpConnect(AmfValue values)
    {
        var app = values["app"].Text;
        var mark = app.IndexOf('?', StringComparison.Ordinal);
        App = (mark < 0 ? app : app[..mark]).Trim('/');
        Query = mark < 0 ? "" : app[(mark + 1)..];
        TcUrl = values["tcUrl"].Text;
        Software = values["flashVer"].Text;
        PageUrl = values["pageUrl"].Text;
        ObjectEncoding = values["objectEncoding"].Number == 3 ? 3 : 0;
        Capabilities = values["capsEx"].Number is >= 0 and <= 255 and var capabilities ? (RtmpCapabilities)(byte)capabilities : RtmpCapabilities.None;
        Codecs = [.. ListOf(values).Distinct().Take(MaxCodecs)];
    }

    /// <summary>The application, without query and outer slashes.</summary>
    public string App { get; }

    /// <summary>What followed a question mark in the application, else empty.</summary>
    public string Query { get; }

    /// <summary>The URL the client was given; may hold a secret.</summary>
    public string TcUrl { get; }

    /// <summary>The client's software as it calls itself (flashVer).</summary>
    public string Software { get; }

    /// <summary>The page the client runs on.</summary>
    public string PageUrl { get; }

    /// <summary>0, or 3 where the client speaks AMF3 too.</summary>
    public int ObjectEncoding { get; }

    /// <summary>The client's extended capabilities.</summary>
    public RtmpCapabilities Capabilities { get; }

    /// <summary>The FourCCs the client names, by list or map; <c>*</c> stands for all. Empty for clients before Enhanced RTMP.</summary>
    public IReadOnlyList<string> Codecs { get; }

    internal static RtmpConnect From(AmfValue values) => new(values);

    private static IEnumerable<string> ListOf(AmfValue values)
    {
        foreach (var item in values["fourCcList"].Items)
        {
            if (item.Kind == AmfKind.Text) yield return item.Text;
        }

        foreach (var property in values["videoFourCcInfoMap"].Properties)
        {
            yield return property.Name;
        }

        foreach (var property in values["audioFourCcInfoMap"].Properties)
        {
            yield return property.Name;
        }
    }
}

/// <summary>What a client wants its publication to become.</summary>
public enum RtmpPublishKind : byte
{
    /// <summary>Live; also what unknown words mean.</summary>
    Live = 0,

    /// <summary>Live and recorded anew.</summary>
    Record,

    /// <summary>Live and recorded at the end of the last recording.</summary>
    Append,
}

/// <summary>A request to publish (RTMP 1.0 §7.2.2.6).</summary>
/// <param name="App">The application of the connection.</param>
/// <param name="Name">The publishing name, without query: a stream key, as a rule. A secret: not for logs.</param>
/// <param name="Query">What followed a question mark in the name, else in the application, else empty.</param>
/// <param name="Kind">Live, record or append.</param>
public sealed record RtmpPublish(string App, string Name, string Query, RtmpPublishKind Kind)
{
    internal static RtmpPublish From(RtmpConnect connect, string name, string kind)
    {
        var mark = name.IndexOf('?', StringComparison.Ordinal);
        return new RtmpPublish(
            connect.App,
            mark < 0 ? name : name[..mark],
            mark < 0 ? connect.Query : name[(mark + 1)..],
            kind switch { "record" => RtmpPublishKind.Record, "append" => RtmpPublishKind.Append, _ => RtmpPublishKind.Live });
    }

    /// <summary>App and kind; the name is a secret.</summary>
    public override string ToString() => $"{App} ({Kind})";
}
