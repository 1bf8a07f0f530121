namespace Sluice.Protocols.Rtp.Sdp;

/// <summary>One form of a simulcast layer.</summary>
/// <param name="Rid">The name of its <c>a=rid</c>.</param>
/// <param name="IsPaused">True where it starts paused (<c>~</c>).</param>
public readonly record struct SdpSimulcastForm(string Rid, bool IsPaused)
{
    /// <summary>As it stands in the attribute.</summary>
    public override string ToString() => IsPaused ? "~" + Rid : Rid;
}

/// <summary>The simulcast layers of a section (RFC 8853 §5.1), each as a list of alternatives, best first.</summary>
/// <param name="Send">The layers the one who says it sends.</param>
/// <param name="Receive">The layers it receives.</param>
public sealed record SdpSimulcast(
    IReadOnlyList<IReadOnlyList<SdpSimulcastForm>> Send,
    IReadOnlyList<IReadOnlyList<SdpSimulcastForm>> Receive)
{
    /// <summary>Layers taken in one direction; more is no simulcast but an attack.</summary>
    public const int MaxLayers = 16;

    /// <summary>
    /// Reads an attribute's value. Also takes the older form in which <c>rid=</c> stands before the list; what that form says is paused is
    /// passed over.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<char> value, out SdpSimulcast simulcast)
    {
        simulcast = new SdpSimulcast([], []);
        var tokens = new SdpTokens(value);
        if (tokens.IsEmpty) return false;
        IReadOnlyList<IReadOnlyList<SdpSimulcastForm>> send = [], receive = [];
        while (tokens.TryNext(out var way))
        {
            if (way.StartsWith("paused=")) continue;
            if (!tokens.TryNext(out var list) || !TryParseList(list, out var layers)) return false;
            if (way.SequenceEqual("send") && send.Count == 0) send = layers;
            else if (way.SequenceEqual("recv") && receive.Count == 0) receive = layers;
            else return false;
        }

        simulcast = new SdpSimulcast(send, receive);
        return true;
    }

    /// <summary>The attribute's value.</summary>
    public override string ToString()
    {
        var send = Send.Count == 0 ? "" : "send " + Write(Send);
        var receive = Receive.Count == 0 ? "" : "recv " + Write(Receive);
        return send.Length > 0 && receive.Length > 0 ? $"{send} {receive}" : send + receive;
    }

    private static string Write(IReadOnlyList<IReadOnlyList<SdpSimulcastForm>> layers) =>
        string.Join(';', layers.Select(static layer => string.Join(',', layer)));

    private static bool TryParseList(ReadOnlySpan<char> text, out IReadOnlyList<IReadOnlyList<SdpSimulcastForm>> layers)
    {
        var read = new List<IReadOnlyList<SdpSimulcastForm>>();
        layers = read;
        if (text.StartsWith("rid=")) text = text[4..];
        foreach (var range in text.Split(';'))
        {
            var forms = new List<SdpSimulcastForm>();
            var layer = text[range];
            foreach (var part in layer.Split(','))
            {
                var name = layer[part];
                var isPaused = name.StartsWith('~');
                if (isPaused) name = name[1..];
                if (!SdpRid.IsId(name)) return false;
                forms.Add(new SdpSimulcastForm(name.ToString(), isPaused));
                if (forms.Count > MaxLayers) return false;
            }

            read.Add(forms);
            if (read.Count > MaxLayers) return false;
        }

        return true;
    }
}
