using System.Diagnostics;
using System.Globalization;

namespace Sluice.Server.Tests.Rtmp;

/// <summary>The settings of an OBS that has been set up once: an empty scene, x264, and a server to stream to.</summary>
internal static class ObsHome
{
    /// <summary>Writes the settings below a folder, which is OBS's home then.</summary>
    public static string Write(string home, string server, string key)
    {
        var settings = Path.Combine(home, ".config", "obs-studio");
        var profile = Path.Combine(settings, "basic", "profiles", "Test");
        var scenes = Path.Combine(settings, "basic", "scenes");
        Directory.CreateDirectory(profile);
        Directory.CreateDirectory(scenes);
        File.WriteAllText(Path.Combine(settings, "global.ini"), """
            [General]
            FirstRun=true
            LastVersion=486539266
            EnableAutoUpdates=false
            [Basic]
            Profile=Test
            ProfileDir=Test
            SceneCollection=Test
            SceneCollectionFile=Test
            """);
        File.WriteAllText(Path.Combine(profile, "basic.ini"), """
            [General]
            Name=Test
            [Output]
            Mode=Simple
            [SimpleOutput]
            VBitrate=800
            ABitrate=96
            StreamEncoder=x264
            Preset=ultrafast
            [Video]
            BaseCX=320
            BaseCY=240
            OutputCX=320
            OutputCY=240
            FPSCommon=30
            """);
        File.WriteAllText(Path.Combine(profile, "service.json"), $$$"""{"type":"rtmp_custom","settings":{"server":"{{{server}}}","key":"{{{key}}}","use_auth":false}}""");
        File.WriteAllText(Path.Combine(scenes, "Test.json"),
            """{"name":"Test","current_scene":"Scene","current_program_scene":"Scene","scene_order":[{"name":"Scene"}],"sources":[{"id":"scene","name":"Scene","settings":{"items":[]}}],"transitions":[]}""");
        return home;
    }

    /// <summary>Starts OBS on a screen of memory; it streams at once.</summary>
    public static Process Start(string home)
    {
        var start = new ProcessStartInfo("xvfb-run", "-a -s \"-screen 0 1024x768x24 +extension GLX\" obs --startstreaming --multi --disable-updater")
        {
            RedirectStandardOutput = true, RedirectStandardError = true,
        };
        start.Environment["HOME"] = home;
        start.Environment["XDG_CONFIG_HOME"] = Path.Combine(home, ".config");
        start.Environment["XDG_RUNTIME_DIR"] = home;
        start.Environment["LIBGL_ALWAYS_SOFTWARE"] = "1";
        start.Environment["QT_QPA_PLATFORM"] = "xcb";
        var process = Process.Start(start)!;
        process.OutputDataReceived += static (_, _) => { };
        process.ErrorDataReceived += static (_, _) => { };
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        return process;
    }

    /// <summary>Ends OBS first: then the screen ends by itself and takes its lock and its folder with it.</summary>
    public static async Task StopAsync(Process screen)
    {
        foreach (var child in File.ReadAllText($"/proc/{screen.Id}/task/{screen.Id}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            using var process = Process.GetProcessById(int.Parse(child, CultureInfo.InvariantCulture));
            if (process.ProcessName == "obs") process.Kill(entireProcessTree: true);
        }

        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        await screen.WaitForExitAsync(patience.Token).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        if (!screen.HasExited) screen.Kill(entireProcessTree: true);
        await screen.WaitForExitAsync();
    }
}
