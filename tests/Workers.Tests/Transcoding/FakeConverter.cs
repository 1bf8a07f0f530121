using Sluice.Workers.Transcoding;

namespace Sluice.Workers.Tests.Transcoding;

/// <summary>A program that says it can encode everything, and then does what a test wants.</summary>
internal sealed class FakeConverter : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("sluice-converter-").FullName;

    /// <param name="body">What it does when it is to convert, as a shell script.</param>
    public FakeConverter(string body)
    {
        Path = System.IO.Path.Combine(_folder, "ffmpeg");
        File.WriteAllText(Path, $"""
            #!/bin/sh
            for argument; do
              if [ "$argument" = -encoders ]; then
                printf 'fake version 1 of\nEncoders:\n A libopus Opus\n A aac AAC\n V libx264 H.264\n'
                exit 0
              fi
            done
            {body}
            """);
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(Path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    public string Path { get; }

    public TranscodingOptions Options => new() { FfmpegPath = Path, Linger = TimeSpan.Zero };

    public void Dispose() => Directory.Delete(_folder, recursive: true);
}
