using System.Net.Quic;

namespace Sluice.Server.Tests.Hls;

/// <summary>A fact about HTTP/3, which needs msquic; not every system has it.</summary>
public sealed class QuicFactAttribute : FactAttribute
{
    public QuicFactAttribute()
    {
        if (!QuicListener.IsSupported) Skip = "libmsquic is not installed";
    }
}
