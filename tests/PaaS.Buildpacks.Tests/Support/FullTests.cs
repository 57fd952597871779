using Xunit.Abstractions;
using Xunit.Sdk;

namespace PaaS.Buildpacks.Tests;

/// <summary>A test that takes long: it is there only with <c>PAAS_TEST_SIZE=full</c>, and no skipped test otherwise.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("PaaS.Buildpacks.Tests.FullFactDiscoverer", "PaaS.Buildpacks.Tests")]
public sealed class FullFactAttribute : FactAttribute
{
    /// <summary>Whether the long tests are wanted.</summary>
    public static bool AreWanted => Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full";
}

/// <summary>A theory of the long ones.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("PaaS.Buildpacks.Tests.FullTheoryDiscoverer", "PaaS.Buildpacks.Tests")]
public sealed class FullTheoryAttribute : TheoryAttribute;

/// <summary>Finds a long test, or none.</summary>
public sealed class FullFactDiscoverer(IMessageSink diagnostics) : FactDiscoverer(diagnostics)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo factAttribute) =>
        FullFactAttribute.AreWanted ? base.Discover(discoveryOptions, testMethod, factAttribute) : [];
}

/// <summary>Finds a long theory, or none.</summary>
public sealed class FullTheoryDiscoverer(IMessageSink diagnostics) : TheoryDiscoverer(diagnostics)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        FullFactAttribute.AreWanted ? base.Discover(discoveryOptions, testMethod, theoryAttribute) : [];
}
