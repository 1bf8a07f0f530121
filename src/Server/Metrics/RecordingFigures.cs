using System.Text;
using Sluice.Control.Recordings;
using Sluice.Outputs.Recordings;
using Sluice.Server.Media;

namespace Sluice.Server.Metrics;

/// <summary>The figures of recordings for Prometheus.</summary>
internal sealed class RecordingFigures(RecordingOutput output, RecordingDisk disk, RecordingService service, IRecordingStore store)
{
    public void Write(StringBuilder text)
    {
        PrometheusText.Gauge(text, "sluice_recordings", "Channels that are recorded now.", output.Count);
        PrometheusText.Counter(text, "sluice_recording_bytes_total", "Bytes of recordings written.", disk.BytesWritten);
        PrometheusText.Counter(text, "sluice_recording_faults_total", "Files of recordings that could not be written on.", disk.Faults);
        PrometheusText.Counter(text, "sluice_recording_gaps_total", "Fragments of recordings left out because the disk was too slow.", disk.Gaps);
        if (disk.Free is >= 0 and var free)
            PrometheusText.Gauge(text, "sluice_recording_disk_free_bytes", "What the disk of the recordings has left.", free);
        PrometheusText.Gauge(text, "sluice_recording_disk_reserve_bytes", "What recordings leave free.", disk.Reserve);
        if (service.Uploader is not { } uploader)
            return;
        PrometheusText.Gauge(text, "sluice_recording_uploads_waiting", "Finished files that are not in the object store yet.", store.NotUploaded().Count);
        PrometheusText.Counter(text, "sluice_recording_upload_failures_total", "Attempts to upload that failed.", uploader.Failures);
    }
}
