namespace Sluice.Protocols.Tests.Dtls;

/// <summary>A theory that needs the openssl program: skipped, and says so by name, where it is not installed.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class OpenSslToolTheoryAttribute : TheoryAttribute
{
    public const string Tool = "/usr/bin/openssl";

    public OpenSslToolTheoryAttribute()
    {
        if (!File.Exists(Tool)) Skip = $"{Tool} is not installed";
    }
}
