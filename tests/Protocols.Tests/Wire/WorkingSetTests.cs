using System.Runtime.CompilerServices;
using Sluice.Protocols.Wire;

namespace Sluice.Protocols.Tests.Wire;

public sealed class WorkingSetTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(16)]
    [InlineData(50)]
    public void All_it_was_given_are_kept_until_it_is_cleared(int count)
    {
        var set = default(WorkingSet);
        var given = Fill(ref set, count);
        set.FetchList();
        set.Fetch();
        Collect();
        Assert.Equal(count, given.Count(g => g.IsAlive));
        set.Clear();
        Collect();
        Assert.Equal(0, given.Count(g => g.IsAlive));
        set.Fetch();
    }

    [MethodImpl(MethodImplOptions.NoInlining)]
    private static WeakReference[] Fill(ref WorkingSet set, int count)
    {
        var given = new WeakReference[count];
        for (var i = 0; i < count; i++)
        {
            var thing = new object();
            given[i] = new WeakReference(thing);
            set.Add(thing);
            set.Add(null);
        }

        return given;
    }

    private static void Collect()
    {
        GC.Collect();
        GC.WaitForPendingFinalizers();
        GC.Collect();
    }
}
