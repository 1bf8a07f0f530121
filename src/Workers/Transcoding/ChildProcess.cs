using System.ComponentModel;
using System.Diagnostics;
using System.Text;

namespace Sluice.Workers.Transcoding;

/// <summary>
/// One running converter and its three pipes. Started on the workshop's own thread, which lives as long as the server's work does: Linux ties a child to the thread
/// that made it.
/// </summary>
internal sealed class ChildProcess : IDisposable
{
    private const int MaxErrorLine = 300;

    private readonly Process _process;

    private ChildProcess(Process process)
    {
        _process = process;
        Id = process.Id;
        Exited = process.WaitForExitAsync();
    }

    public int Id { get; }

    public Stream Input => _process.StandardInput.BaseStream;

    public Stream Output => _process.StandardOutput.BaseStream;

    /// <summary>Done when the process is gone and its parent has taken note.</summary>
    public Task Exited { get; }

    /// <summary>Time on processors so far; zero where it has gone.</summary>
    public TimeSpan CpuTime
    {
        get
        {
            try
            {
                return _process.TotalProcessorTime;
            }
            catch (Exception failure) when (failure is InvalidOperationException or Win32Exception)
            {
                return default;
            }
        }
    }

    /// <summary>Starts a converter with these arguments. Throws <see cref="Win32Exception"/> where the system cannot.</summary>
    public static ChildProcess Start(FfmpegTool tool, IReadOnlyList<string> arguments) =>
        new(Process.Start(Describe(tool.Wrapper, tool.Path, arguments))!);

    /// <summary>No shell, no inherited environment, nothing in the arguments that came from outside.</summary>
    public static ProcessStartInfo Describe(IReadOnlyList<string> wrapper, string path, IReadOnlyList<string> arguments)
    {
        var start = new ProcessStartInfo
        {
            FileName = wrapper.Count > 0 ? wrapper[0] : path,
            UseShellExecute = false,
            CreateNoWindow = true,
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = System.IO.Path.GetTempPath(),
        };
        if (wrapper.Count > 0)
        {
            foreach (var word in wrapper.Skip(1))
            {
                start.ArgumentList.Add(word);
            }

            start.ArgumentList.Add(path);
        }

        foreach (var argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        start.Environment.Clear();
        start.Environment["PATH"] = Environment.GetEnvironmentVariable("PATH");
        return start;
    }

    /// <summary>Reads what the child complains of to the end; the last line, cut to a bearable length.</summary>
    public async Task<string?> ReadErrorsAsync()
    {
        var stream = _process.StandardError.BaseStream;
        var buffer = new byte[1024];
        var line = new byte[MaxErrorLine];
        var length = 0;
        string? last = null;
        try
        {
            int count;
            while ((count = await stream.ReadAsync(buffer)) > 0)
            {
                for (var i = 0; i < count; i++)
                {
                    if (buffer[i] is not ((byte)'\n' or (byte)'\r'))
                    {
                        if (length < line.Length) line[length++] = buffer[i];
                        continue;
                    }

                    if (length > 0) last = Clean(line.AsSpan(0, length));
                    length = 0;
                }
            }
        }
        catch (IOException)
        {
            // The pipe broke with its process.
        }

        return length > 0 ? Clean(line.AsSpan(0, length)) : last;
    }

    public void Kill()
    {
        try
        {
            _process.Kill(entireProcessTree: true);
        }
        catch (Exception failure) when (failure is InvalidOperationException or Win32Exception)
        {
            // Gone already.
        }
    }

    /// <summary>How it ended, in words; call when it has.</summary>
    public string DescribeEnd() => _process.ExitCode > 128 ? $"ended by signal {_process.ExitCode - 128}" : $"ended with code {_process.ExitCode}";

    public void Dispose() => _process.Dispose();

    private static string Clean(ReadOnlySpan<byte> line)
    {
        var text = Encoding.UTF8.GetString(line).ToCharArray();
        for (var i = 0; i < text.Length; i++)
        {
            if (char.IsControl(text[i])) text[i] = ' ';
        }

        return new string(text).Trim();
    }
}
