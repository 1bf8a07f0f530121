namespace Sluice.Protocols.Media.Containers.Cmaf;

/// <summary>Makes a finished recording a plain file.</summary>
public static class CmafFinish
{
    internal const int ReservedLength = 16;

    // A box of free space, large enough for the header of a box with a 64-bit size.
    internal static void Reserve(BoxBuilder boxes)
    {
        var free = boxes.Begin(BoxType.Free);
        boxes.Zeros(ReservedLength - 8);
        boxes.End(free);
    }
}
