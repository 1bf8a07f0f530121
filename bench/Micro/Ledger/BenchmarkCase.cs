using System.Reflection;
using BenchmarkDotNet.Attributes;

namespace Sluice.Bench.Micro.Ledger;

/// <summary>
/// One benchmark with one set of parameters, found by the attributes BenchmarkDotNet goes by, so that speed and memory are measured of the same code.
/// </summary>
internal sealed class BenchmarkCase
{
    private const BindingFlags Members = BindingFlags.Public | BindingFlags.Instance;
    private const string Suffix = "Benchmarks";

    private readonly MethodInfo _method;
    private readonly (PropertyInfo Property, object Value)[] _parameters;

    private BenchmarkCase(MethodInfo method, (PropertyInfo, object)[] parameters, bool isSupported)
    {
        _method = method;
        _parameters = parameters;
        IsSupported = isSupported;
        IsPerPacket = method.GetCustomAttribute<PerPacketAttribute>() is not null;
        OperationsPerInvoke = method.GetCustomAttribute<BenchmarkAttribute>()!.OperationsPerInvoke;
        var type = method.DeclaringType!.Name;
        var name = $"{(type.EndsWith(Suffix, StringComparison.Ordinal) ? type[..^Suffix.Length] : type)}.{method.Name}";
        Name = parameters.Length == 0 ? name : $"{name}({string.Join(", ", parameters.Select(static p => p.Item2))})";
    }

    /// <summary>Class, method and parameters; the ledger's key.</summary>
    public string Name { get; }

    /// <summary>True where nothing may be allocated.</summary>
    public bool IsPerPacket { get; }

    /// <summary>False where a parameter names what this machine does not have, an instruction set for one.</summary>
    public bool IsSupported { get; }

    /// <summary>Operations one call makes.</summary>
    public int OperationsPerInvoke { get; }

    /// <summary>Every benchmark of an assembly with every set of its parameters, in order of their names.</summary>
    public static List<BenchmarkCase> FindAll(Assembly assembly) =>
        [.. assembly.GetExportedTypes().Where(static type => type is { IsAbstract: false, IsNested: false }).SelectMany(FindIn).OrderBy(static c => c.Name, StringComparer.Ordinal)];

    /// <summary>The benchmarks of one class.</summary>
    public static IEnumerable<BenchmarkCase> FindIn(Type type)
    {
        var properties = type.GetProperties(Members).Where(static p => ValuesOf(p) is not null).ToArray();
        return from method in type.GetMethods(Members)
               where method.GetCustomAttribute<BenchmarkAttribute>() is not null
               from set in Combine(properties)
               select new BenchmarkCase(method, [.. set.Select(static v => (v.Property, v.Value))], set.All(static v => v.IsSupported));
    }

    /// <summary>Makes the benchmark ready to be called; the result is called once for each invocation.</summary>
    public Invocation Prepare()
    {
        var instance = Activator.CreateInstance(_method.DeclaringType!)!;
        foreach (var (property, value) in _parameters)
        {
            property.SetValue(instance, value);
        }

        Call<GlobalSetupAttribute>(instance);
        return new Invocation(ToAction(instance), () => Call<GlobalCleanupAttribute>(instance));
    }

    /// <inheritdoc />
    public override string ToString() => Name;

    private Action ToAction(object instance)
    {
        if (_method.ReturnType == typeof(void)) return _method.CreateDelegate<Action>(instance);
        if (_method.ReturnType != typeof(int)) throw new InvalidOperationException($"{Name}: a benchmark gives an int or nothing.");
        var call = _method.CreateDelegate<Func<int>>(instance);
        return () => Result = call();
    }

    // What a benchmark gives is kept, so that no compiler takes the work for useless.
    private static int Result { get; set; }

    private static void Call<TAttribute>(object instance)
        where TAttribute : Attribute
    {
        foreach (var method in instance.GetType().GetMethods(Members))
        {
            if (method.GetCustomAttribute<TAttribute>() is not null) method.CreateDelegate<Action>(instance)();
        }
    }

    private static IEnumerable<List<(PropertyInfo Property, object Value, bool IsSupported)>> Combine(ReadOnlySpan<PropertyInfo> properties)
    {
        IEnumerable<List<(PropertyInfo, object, bool)>> sets = [[]];
        foreach (var property in properties)
        {
            var values = ValuesOf(property)!;
            sets = sets.SelectMany(set => values.Select(value => new List<(PropertyInfo, object, bool)>(set) { (property, value.Value, value.IsSupported) })).ToList();
        }

        return sets;
    }

    private static List<(object Value, bool IsSupported)>? ValuesOf(PropertyInfo property)
    {
        if (property.GetCustomAttribute<ParamsAttribute>() is { } fixedValues) return [.. fixedValues.Values.Select(static v => (v!, true))];
        if (property.GetCustomAttribute<ParamsSourceAttribute>() is not { } source) return null;
        var found = (System.Collections.IEnumerable)property.DeclaringType!.GetProperty(source.Name)!.GetValue(null)!;
        var supported = found.Cast<object>().ToList();

        // A source names what this machine has; of an enum it is known what there is elsewhere.
        return property.PropertyType.IsEnum
            ? [.. Enum.GetValues(property.PropertyType).Cast<object>().Select(v => (v, supported.Contains(v)))]
            : [.. supported.Select(static v => (v, true))];
    }
}

/// <summary>A benchmark ready to be called.</summary>
/// <param name="Invoke">Calls it once.</param>
/// <param name="CleanUp">Frees what it needed.</param>
internal sealed record Invocation(Action Invoke, Action CleanUp);
