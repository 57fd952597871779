namespace PaaS.Buildpacks.Tests;

/// <summary>Builds with real compilers and package managers run one after the other, beside no other test: they take all the machine has.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealBuilds
{
    public const string Name = "Real builds";

    /// <summary>A config var that no build looks at: without a change an app would not be built again at all.</summary>
    public static ConfigVars Again { get; } = ConfigVars.Empty.Apply(ConfigPatch.TryCreate([new("BUILD_IT_AGAIN", "1")], out var patch, out _) ? patch : throw new InvalidOperationException());
}

/// <summary>A build that takes long: only with <c>PAAS_TEST_SIZE=full</c>.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SlowFactAttribute : FactAttribute
{
    public SlowFactAttribute()
    {
        if (Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") != "full")
        {
            Skip = "Takes long: run it with ./test --full.";
        }
    }
}
