using Sluice.Protocols.Media;

namespace Sluice.Testing.Fuzzing;

/// <summary>An audio message: tags lie within it in order, and a tag written reads back the same.</summary>
public static class AudioTagTarget
{
    /// <summary>Runs one message.</summary>
    public static void Run(ReadOnlySpan<byte> input) => VideoTagTarget.Check(MediaKind.Audio, input);
}
