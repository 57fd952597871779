namespace PaaS.Buildpacks.Tests;

/// <summary>Builds with real compilers and package managers run one after the other, beside no other test: they take all the machine has.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class RealBuilds
{
    public const string Name = "Real builds";

    /// <summary>A config var that no build looks at: without a change an app would not be built again at all.</summary>
    public static ConfigVars Again { get; } = ConfigVars.Empty.Apply(ConfigPatch.TryCreate([new("BUILD_IT_AGAIN", "1")], out var patch, out _) ? patch : throw new InvalidOperationException());
}
