using System.Reflection;
using Xunit.Sdk;

namespace Sluice.Protocols.Tests.Sockets;

/// <summary>Runs a theory over the path of this system, and over the portable one: its one argument is true for the latter.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class BothPathsAttribute : DataAttribute
{
    public override IEnumerable<object[]> GetData(MethodInfo testMethod) => [[false], [true]];
}
