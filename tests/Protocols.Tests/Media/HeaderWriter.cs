namespace Sluice.Protocols.Tests.Media;

/// <summary>Writes the fields of a header, drawn by chance where nothing hangs on them, and counts the bits that they take.</summary>
internal abstract class HeaderWriter(Random random)
{
    protected Random Random => random;

    protected BitWriter Output { get; private set; } = new();

    protected int Length { get; private set; }

    protected void Begin() => (Output, Length) = (new BitWriter(), 0);

    protected bool Chance(int of = 2) => random.Next(of) == 0;

    protected bool Flag()
    {
        var flag = Chance();
        Put(flag ? 1 : 0, 1);
        return flag;
    }

    protected void Signed() => Golomb(random.Next(60));

    protected void Put(int value, int count)
    {
        Output.Bits((uint)value, count);
        Length += count;
    }

    protected void Golomb(int value)
    {
        Output.Golomb((uint)value);
        Length += 2 * int.Log2(value + 1) + 1;
    }
}
