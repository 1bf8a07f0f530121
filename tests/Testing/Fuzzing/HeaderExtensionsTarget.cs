using Sluice.Protocols.Rtp.Extensions;

namespace Sluice.Testing.Fuzzing;

/// <summary>The first byte picks an extension; its element, where it parses, survives being written and read again.</summary>
public static class HeaderExtensionsTarget
{
    /// <summary>Runs one element.</summary>
    public static void Run(ReadOnlySpan<byte> input)
    {
        if (input.IsEmpty) return;
        var data = input[1..];
        Span<byte> buffer = stackalloc byte[64];
        switch ((HeaderExtensionKind)(input[0] % HeaderExtensions.KindCount))
        {
            case HeaderExtensionKind.Mid when MidExtension.TryParse(data, out var mid):
                FuzzAssert.That(MidExtension.TryParse(buffer[..MidExtension.Write(buffer, mid)], out var mid2), "a mid parses again");
                FuzzAssert.That(mid2.SequenceEqual(mid) && !mid.IsEmpty, "a mid survives");
                break;
            case HeaderExtensionKind.Rid when RidExtension.TryParse(data, out var rid):
                FuzzAssert.That(RidExtension.TryParse(buffer[..RidExtension.Write(buffer, rid)], out var rid2), "a rid parses again");
                FuzzAssert.That(rid2.SequenceEqual(rid) && !rid.IsEmpty, "a rid survives");
                break;
            case HeaderExtensionKind.RepairedRid when RepairedRidExtension.TryParse(data, out var repaired):
                FuzzAssert.That(
                    RepairedRidExtension.TryParse(buffer[..RepairedRidExtension.Write(buffer, repaired)], out var repaired2),
                    "a repaired rid parses again");
                FuzzAssert.That(repaired2.SequenceEqual(repaired), "a repaired rid survives");
                break;
            case HeaderExtensionKind.AbsSendTime when AbsSendTimeExtension.TryParse(data, out var sendTime):
                FuzzAssert.That(buffer[..sendTime.Write(buffer)].SequenceEqual(data), "a send time is written as it was read");
                break;
            case HeaderExtensionKind.TransportSequence or HeaderExtensionKind.TransportSequenceV2
                when TransportSequenceExtension.TryParse(data, out var sequence):
                FuzzAssert.That(buffer[..sequence.Write(buffer)].SequenceEqual(data[..2]), "a number is written as it was read");
                break;
            case HeaderExtensionKind.AudioLevel when AudioLevelExtension.TryParse(data, out var level):
                FuzzAssert.That(buffer[..level.Write(buffer)].SequenceEqual(data[..1]), "a level is written as it was read");
                break;
            case HeaderExtensionKind.PlayoutDelay when PlayoutDelayExtension.TryParse(data, out var delay):
                FuzzAssert.That(delay.Minimum <= delay.Maximum, "delays are in order");
                FuzzAssert.That(buffer[..delay.Write(buffer)].SequenceEqual(data), "a delay is written as it was read");
                FuzzAssert.That(PlayoutDelayExtension.From(delay.Minimum, delay.Maximum) == delay, "and survives as time");
                break;
            case HeaderExtensionKind.AbsCaptureTime when AbsCaptureTimeExtension.TryParse(data, out var capture):
                FuzzAssert.That(buffer[..capture.Write(buffer)].SequenceEqual(data), "a capture time is written as it was read");
                break;
            case HeaderExtensionKind.VideoOrientation when VideoOrientationExtension.TryParse(data, out var orientation):
                FuzzAssert.That(orientation.Write(buffer) == 1 && buffer[0] == (data[0] & 0x0f), "an orientation is written as it was read");
                break;
            default:
                break;
        }
    }
}
