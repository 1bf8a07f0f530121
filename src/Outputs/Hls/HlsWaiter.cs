namespace Sluice.Outputs.Hls;

/// <summary>Somebody who waits with others for the same step, and costs nothing but a place in their list.</summary>
public abstract class HlsWaiter
{
    /// <summary>Looks again at what is waited for. False where it has not come: waits for the next step. Any thread, one at a time; throws nothing.</summary>
    protected internal abstract bool TrySettle();

    /// <summary>Goes on, after all who were woken with it have been settled. Any thread; throws nothing.</summary>
    protected internal abstract void Continue();
}
