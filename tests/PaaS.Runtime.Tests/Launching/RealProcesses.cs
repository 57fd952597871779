using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

namespace PaaS.Runtime.Tests;

/// <summary>Tests that start processes and count what is left of them run one at a time.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1724", Justification = "xUnit wants a class; the name is its words.")]
public sealed class RealProcesses : ICollectionFixture<SharedSandbox>
{
    public const string Name = "real processes";

    /// <summary>How long an outside process may take before a test gives up on it.</summary>
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(30);

    /// <summary>A user that owns nothing on the machine; processes can run under it only if the tests run as root.</summary>
    public const int StrangerId = 61_234;

    public static bool IsRoot => Environment.IsPrivilegedProcess;

    /// <summary>Asks until the answer is yes. For what only the kernel or another program knows.</summary>
    public static async Task Until(Func<bool> condition, string what)
    {
        var start = TimeProvider.System.GetTimestamp();
        while (!condition())
        {
            Assert.True(TimeProvider.System.GetElapsedTime(start) < Deadline, $"Waited in vain: {what}");
            await Task.Delay(5);
        }
    }
}
