namespace PaaS.Buildpacks.Tests;

/// <summary>Builds with real compilers and package managers run one after the other, beside no other test: they take all the machine has.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealBuilds
{
    public const string Name = "Real builds";

    /// <summary>Whether slow builds are run, too.</summary>
    public static bool AreFull => Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full";
}
