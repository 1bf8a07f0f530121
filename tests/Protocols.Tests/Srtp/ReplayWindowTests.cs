using Sluice.Protocols.Rtp.Srtp;

namespace Sluice.Protocols.Tests.Srtp;

public class ReplayWindowTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void The_window_agrees_with_a_set(int seed)
    {
        var random = new Random(seed);
        const ulong First = 5000;
        var window = new ReplayWindow(First);
        window.Add(First);
        var taken = new HashSet<ulong> { First };
        for (var i = 0; i < 50_000; i++)
        {
            var index = random.Next(20) switch
            {
                0 => window.Highest + (ulong)random.Next(1, 3000),
                < 8 => window.Highest + (ulong)random.Next(1, 20),
                _ => window.Highest - (ulong)random.Next(0, 1100),
            };
            var old = index + ReplayWindow.Size <= window.Highest;
            Assert.Equal(old || taken.Contains(index), window.Contains(index));
            if (old || !taken.Add(index)) continue;
            window.Add(index);
            Assert.True(window.Contains(index));
        }
    }
}
