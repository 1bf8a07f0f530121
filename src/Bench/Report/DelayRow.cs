namespace Sluice.Bench.Report;

/// <summary>How long packets stayed in the server: from the publisher's send to the arrival at the viewer's socket, in milliseconds.</summary>
internal sealed record DelayRow(int Viewers, long Packets, double Median, double P99, double Max, bool IsDisturbed);
