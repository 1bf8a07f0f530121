using System.Security.Cryptography;
using System.Text;

namespace Sluice.Testing.Fuzzing;

/// <summary>A target broke a promise. The input is kept in a file, and printed for a machine whose files are thrown away.</summary>
public sealed class FuzzFailureException : Exception
{
    /// <summary>Makes the report of a failure.</summary>
    public FuzzFailureException(string target, byte[] input, string keptAs, Exception cause)
        : base($"Fuzz target {target} failed on {input.Length} bytes, kept as {keptAs}\nbase64: {Convert.ToBase64String(input)}\n{cause.Message}", cause)
    {
        Input = input;
        KeptAs = keptAs;
    }

    /// <summary>What broke it.</summary>
    public IReadOnlyList<byte> Input { get; }

    /// <summary>The file it was written to.</summary>
    public string KeptAs { get; }
}

/// <summary>Runs one target: every seed as it is, then mutations of them. The same seed number gives the same inputs in the same order.</summary>
public sealed class FuzzRunner
{
    private readonly FuzzTarget _target;
    private readonly FuzzMutator _mutator;
    private readonly string _keepFolder;
    private byte[] _current = [];
    private int _currentLength;

    /// <summary>Prepares a run.</summary>
    /// <param name="target">What to run.</param>
    /// <param name="seed">The number that decides every mutation.</param>
    /// <param name="seeds">The inputs to begin from; the target's committed ones where null.</param>
    /// <param name="keepFolder">Where crashers go; the target's folder in the checkout where null.</param>
    public FuzzRunner(FuzzTarget target, ulong seed, IReadOnlyList<byte[]>? seeds = null, string? keepFolder = null)
    {
        _target = target;
        Seeds = seeds ?? [.. FuzzSeeds.Load(target.Name).Select(file => file.Bytes)];
        _keepFolder = keepFolder ?? FuzzSeeds.FolderToKeep(target.Name);
        foreach (var letter in target.Name)
        {
            seed = (seed ^ letter) * 0x0000_0100_0000_01b3;
        }

        _mutator = new FuzzMutator(new SeededRandom(seed), Seeds);
    }

    /// <summary>What the run begins from.</summary>
    public IReadOnlyList<byte[]> Seeds { get; }

    /// <summary>Inputs run so far; may be read by a watchdog on another thread.</summary>
    public long Iterations => Interlocked.Read(ref _iterations);

    private long _iterations;

    /// <summary>Runs every seed as it is.</summary>
    public void RunSeeds()
    {
        foreach (var seed in Seeds)
        {
            RunOne(seed);
        }
    }

    /// <summary>Runs so many mutations.</summary>
    public void RunMutations(int count)
    {
        for (var i = 0; i < count; i++)
        {
            RunOne(_mutator.Next());
        }
    }

    /// <summary>Keeps the input that is running now, for a watchdog that found it hanging; returns the file.</summary>
    public string KeepCurrent(string kind) => Keep(kind, _current.AsSpan(0, _currentLength).ToArray());

    private void RunOne(ReadOnlySpan<byte> input)
    {
        // A copy, for the report: a target may have written into what it was given.
        if (_current.Length < input.Length) _current = new byte[input.Length];
        input.CopyTo(_current);
        _currentLength = input.Length;
        try
        {
            _target.Run(_current.AsSpan(0, _currentLength));
        }
        catch (Exception cause)
        {
            var kept = input.ToArray();
            throw new FuzzFailureException(_target.Name, kept, Keep("crash", kept), cause);
        }

        Interlocked.Increment(ref _iterations);
    }

    private string Keep(string kind, byte[] input)
    {
        Directory.CreateDirectory(_keepFolder);
        var name = new StringBuilder(kind).Append('-').Append(Convert.ToHexStringLower(SHA256.HashData(input).AsSpan(0, 6)));
        var file = Path.Combine(_keepFolder, name.ToString());
        File.WriteAllBytes(file, input);
        return file;
    }
}
