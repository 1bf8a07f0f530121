namespace Sluice.Protocols.Rtmp.Amf;

/// <summary>A named value within an object or array.</summary>
/// <param name="Name">The name; may be empty, and may come twice.</param>
/// <param name="Value">The value.</param>
public readonly record struct AmfProperty(string Name, AmfValue Value);

/// <summary>A value of a command or of metadata, read whole. Immutable. Commands are rare; media never passes through here.</summary>
public sealed class AmfValue
{
    private static readonly AmfProperty[] NoProperties = [];
    private static readonly AmfValue[] NoItems = [];

    private AmfValue(AmfKind kind, double number = 0, string text = "", AmfProperty[]? properties = null, AmfValue[]? items = null)
    {
        Kind = kind;
        Number = number;
        Text = text;
        Properties = properties ?? NoProperties;
        Items = items ?? NoItems;
    }

    /// <summary>undefined.</summary>
    public static AmfValue Undefined { get; } = new(AmfKind.Undefined);

    /// <summary>null.</summary>
    public static AmfValue Null { get; } = new(AmfKind.Null);

    /// <summary>true.</summary>
    public static AmfValue True { get; } = new(AmfKind.Boolean, 1);

    /// <summary>false.</summary>
    public static AmfValue False { get; } = new(AmfKind.Boolean);

    /// <summary>What it is.</summary>
    public AmfKind Kind { get; }

    /// <summary>The number of numbers, dates, byte arrays and references; 1 for true; 0 for all else. May be NaN.</summary>
    public double Number { get; }

    /// <summary>The text of texts, the class of typed objects, else empty.</summary>
    public string Text { get; }

    /// <summary>The named values of objects and named arrays.</summary>
    public IReadOnlyList<AmfProperty> Properties { get; }

    /// <summary>The values of lists, and the unnamed part of AMF3 arrays.</summary>
    public IReadOnlyList<AmfValue> Items { get; }

    /// <summary>True only for the boolean true.</summary>
    public bool IsTrue => Kind == AmfKind.Boolean && Number != 0;

    /// <summary>The first property of a name; undefined where there is none.</summary>
    public AmfValue this[string name]
    {
        get
        {
            for (var i = 0; i < Properties.Count; i++)
            {
                if (Properties[i].Name == name) return Properties[i].Value;
            }

            return Undefined;
        }
    }

    /// <summary>A number.</summary>
    public static AmfValue Of(double number) => new(AmfKind.Number, number);

    /// <summary>A boolean.</summary>
    public static AmfValue Of(bool value) => value ? True : False;

    /// <summary>A text.</summary>
    public static AmfValue Of(string text) => new(AmfKind.Text, text: text);

    /// <summary>An object.</summary>
    public static AmfValue Structure(params AmfProperty[] properties) => new(AmfKind.Structure, properties: properties);

    /// <summary>An object of a class.</summary>
    public static AmfValue TypedStructure(string className, params AmfProperty[] properties) =>
        new(AmfKind.Structure, text: className, properties: properties);

    /// <summary>An array with names.</summary>
    public static AmfValue NamedArray(params AmfProperty[] properties) => new(AmfKind.NamedArray, properties: properties);

    /// <summary>An array without names.</summary>
    public static AmfValue List(params AmfValue[] items) => new(AmfKind.List, items: items);

    /// <summary>A date, in milliseconds since 1970.</summary>
    public static AmfValue Date(double milliseconds) => new(AmfKind.Date, milliseconds);

    internal static AmfValue Mixed(AmfProperty[] properties, AmfValue[] items) => new(AmfKind.NamedArray, properties: properties, items: items);

    internal static AmfValue Bytes(int length) => new(AmfKind.Bytes, length);

    internal static AmfValue Reference(int index) => new(AmfKind.Reference, index);

    /// <summary>True where both say the same; NaN equals NaN.</summary>
    public static bool SameContent(AmfValue a, AmfValue b)
    {
        if (a.Kind != b.Kind || !a.Number.Equals(b.Number) || a.Text != b.Text) return false;
        if (a.Properties.Count != b.Properties.Count || a.Items.Count != b.Items.Count) return false;
        for (var i = 0; i < a.Properties.Count; i++)
        {
            if (a.Properties[i].Name != b.Properties[i].Name || !SameContent(a.Properties[i].Value, b.Properties[i].Value)) return false;
        }

        for (var i = 0; i < a.Items.Count; i++)
        {
            if (!SameContent(a.Items[i], b.Items[i])) return false;
        }

        return true;
    }

    /// <inheritdoc />
    public override string ToString() => Kind switch
    {
        AmfKind.Number or AmfKind.Date => Number.ToString(System.Globalization.CultureInfo.InvariantCulture),
        AmfKind.Text => Text,
        AmfKind.Boolean => IsTrue ? "true" : "false",
        _ => $"{Kind}({Properties.Count + Items.Count})",
    };
}
