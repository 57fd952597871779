namespace PaaS.Buildpacks.Tests;

/// <summary>Tests that build an app with a real toolchain run one at a time, and alone. Those that take long run only with <c>PAAS_TEST_SIZE=full</c>.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
[System.Diagnostics.CodeAnalysis.SuppressMessage("Naming", "CA1724", Justification = "xUnit wants a class; the name is its words.")]
public sealed class LanguageBuilds
{
    public const string Name = "language builds";

    public static bool AreFull => Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full";
}

/// <summary>A test of the long ones.</summary>
public sealed class FullFactAttribute : FactAttribute
{
    public FullFactAttribute() => Skip = LanguageBuilds.AreFull ? null : "Only with PAAS_TEST_SIZE=full.";
}

/// <summary>A theory of the long ones.</summary>
public sealed class FullTheoryAttribute : TheoryAttribute
{
    public FullTheoryAttribute() => Skip = LanguageBuilds.AreFull ? null : "Only with PAAS_TEST_SIZE=full.";
}
