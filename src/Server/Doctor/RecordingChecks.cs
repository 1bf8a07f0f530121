using System.Globalization;
using Sluice.Control.Recordings;
using Sluice.Server.Media;
using Sluice.Server.Options;
using Sluice.Storage.ObjectStores;

namespace Sluice.Server.Doctor;

/// <summary>Recordings: their folder, the room on its disk, and the object store where one is named.</summary>
internal static class RecordingChecks
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public static async Task<IReadOnlyList<Finding>> RunAsync(SluiceOptions options)
    {
        var folder = Path.GetFullPath(RecordingServices.RootOf(options));
        var findings = new List<Finding> { MachineChecks.Writable("recordings", folder, "Recording:Directory") };
        if (FreeAt(folder) is { } free)
            findings.Add(Room(free, options.Recording.Options.ReserveBytes));
        if (options.Recording.S3.Bucket.Length > 0)
            findings.Add(await StoreAsync(options.Recording.S3));
        return findings;
    }

    internal static Finding Room(long free, long reserve) => free > reserve
        ? Finding.Ok("room for recordings", $"{Gigabytes(free - reserve)} above the reserve of {Gigabytes(reserve)}")
        : Finding.Warn(
            "room for recordings", $"{Gigabytes(free)} are left, and recordings leave {Gigabytes(reserve)} free: nothing is recorded",
            "Make room, set Recording:KeepFor or Recording:KeepBytes, or lower Recording:ReserveBytes.");

    internal static async Task<Finding> StoreAsync(S3Options options)
    {
        using var store = new S3ObjectStore(options);
        using var patience = new CancellationTokenSource(Patience);
        try
        {
            await store.CheckAsync(patience.Token);
            return Finding.Ok("object store", store.Name);
        }
        catch (Exception failure) when (failure is ObjectStoreException or OperationCanceledException)
        {
            return Finding.Fail(
                "object store", failure is ObjectStoreException ? failure.Message : $"{store.Name} does not answer within {Patience.TotalSeconds:0} s",
                "Look at Recording:S3: the endpoint, the bucket, and whether the key may write there.");
        }
    }

    // The folder may have to be made yet.
    private static long? FreeAt(string folder)
    {
        var there = folder;
        while (!Directory.Exists(there) && Path.GetDirectoryName(there) is { } parent)
            there = parent;
        try
        {
            return new DriveInfo(there).AvailableFreeSpace;
        }
        catch (Exception failure) when (failure is IOException or UnauthorizedAccessException or ArgumentException)
        {
            return null;
        }
    }

    private static string Gigabytes(long bytes) => string.Create(CultureInfo.InvariantCulture, $"{bytes / (double)(1L << 30):0.0} GiB");
}
