namespace Sluice.Server.Tests;

/// <summary>A file in a folder of its own, removed afterwards.</summary>
internal sealed class TemporaryFile : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-file-").FullName;

    public TemporaryFile(string text) => File.WriteAllText(Path, text);

    public string Path => System.IO.Path.Combine(_folder, "sluice.jsonc");

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
