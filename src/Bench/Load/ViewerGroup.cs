using Sluice.Protocols.Wire;

namespace Sluice.Bench.Load;

/// <summary>The viewers that share one socket: they have consecutive addresses.</summary>
internal sealed class ViewerGroup(LoadSocket socket, uint firstAddress, ViewerKind kind, bool isProbe) : IDisposable
{
    private const double SlowShare = 0.1;

    private readonly List<Viewer> _viewers = [];
    private Instant _lastCredit;
    private double _credit;

    public LoadSocket Socket => socket;

    public ViewerKind Kind => kind;

    /// <summary>True where packets are decrypted.</summary>
    public bool IsProbe => isProbe;

    /// <summary>True where the socket hands over runs whole.</summary>
    public bool TakesRuns { get; init; }

    public int Count => _viewers.Count;

    public uint NextAddress => firstAddress + (uint)_viewers.Count;

    public List<Viewer> Viewers => _viewers;

    /// <summary>True while any of them connects: whole datagrams matter then.</summary>
    public bool IsConnecting { get; set; } = true;

    public void Add(Viewer viewer) => _viewers.Add(viewer);

    /// <summary>The viewer with this address; null where there is none.</summary>
    public Viewer? Find(uint address)
    {
        var index = address - firstAddress;
        return index < (uint)_viewers.Count ? _viewers[(int)index] : null;
    }

    /// <summary>How many datagrams may be read now: what a slow or deaf viewer's kind allows.</summary>
    public int Allowance(Instant now, double packetsPerSecond)
    {
        if (IsConnecting || kind is ViewerKind.Good or ViewerKind.Lossy) return int.MaxValue;
        if (kind == ViewerKind.Deaf) return 0;
        _credit = Math.Min(ReceiveBatch.Capacity, _credit + (now - _lastCredit).TotalSeconds * packetsPerSecond * SlowShare);
        _lastCredit = now;
        var whole = (int)_credit;
        _credit -= whole;
        return whole;
    }

    public void Dispose()
    {
        foreach (var viewer in _viewers) viewer.Link.Dispose();
        socket.Dispose();
    }
}
