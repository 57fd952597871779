using System.Collections.Immutable;
using System.Diagnostics;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PaaS.Buildpacks.Tests;

/// <summary>
/// Third-party buildpacks as their authors published them, from a folder of git clones that <c>PAAS_BUILDPACK_CLONES</c> names. They are
/// not part of this project; docs/classic-buildpacks.md lists them and says how to run this. Without the variable these tests don't exist.
/// </summary>
public sealed class RealBuildpackTests
{
    private static string Clones => Path.GetFullPath(Environment.GetEnvironmentVariable(RealTheoryAttribute.Variable)!);

    public static TheoryData<string> Names => [.. RealBuildpack.All.Select(static buildpack => buildpack.Name)];

    [RealTheory]
    [MemberData(nameof(Names))]
    public async Task A_real_buildpack_runs_unmodified(string name)
    {
        var buildpack = RealBuildpack.All.Single(b => b.Name == name);
        Require(buildpack.Name);
        await using var scene = await ClassicScene.OpenAsync(options: o => o with
        {
            BuildpackRoots = [Clones, .. o.BuildpackRoots],
            ReadOnlyPaths = [.. buildpack.Machine, o.BuildpackRoots[0]],
            Environment = BuildRig.Machine(),
            Network = ProcessNetwork.Host,
        });
        var names = new List<string>();
        if (buildpack.Before is { } before)
        {
            names.Add(scene.Buildpack("before", before(scene.Root)));
        }

        var app = await scene.SucceedAsync(buildpack.Source(scene.Root), [.. buildpack.Config(scene.Root)], [.. names, Path.Combine(Clones, name)]);

        scene.AssertSaid($"-----> {buildpack.DisplayName} app detected\n");
        foreach (var (path, content) in buildpack.Made)
        {
            Assert.True(File.Exists(Path.Combine(app.Directory, path)), $"{path} was not made:\n{scene.Output}");
            Assert.Contains(content, app.Read(path), StringComparison.Ordinal);
        }

        foreach (var said in buildpack.Said)
        {
            scene.AssertSaid(said);
        }

        Assert.Equal(buildpack.Types, string.Join(", ", app.Slug.ProcessTypes.Select(static t => $"{t.Key}: {t.Value}")));
    }

    /// <summary>The clone of a repository, owned by the user that builds: git reads no other's.</summary>
    internal static string Owned(string root, string name)
    {
        Require(name);
        var copy = Path.Combine(root, $"{name}.git");
        Run("git", "clone", "--quiet", "--bare", Path.Combine(Clones, name), copy);
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", "-R", $"{BuildRig.AppUser}:{BuildRig.AppUser}", copy);
        }

        return $"file://{copy}";
    }

    internal static void Run(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }

    private static void Require(string name) =>
        Assert.True(
            Directory.Exists(Path.Combine(Clones, name, ".git")),
            $"{RealTheoryAttribute.Variable}={Clones} has no clone '{name}'. Make one: git clone {RealBuildpack.All.FirstOrDefault(b => b.Name == name)?.Url ?? name} {Path.Combine(Clones, name)}");
}

/// <summary>A theory that is there only if there is a folder of clones.</summary>
[AttributeUsage(AttributeTargets.Method)]
[XunitTestCaseDiscoverer("PaaS.Buildpacks.Tests.RealTheoryDiscoverer", "PaaS.Buildpacks.Tests")]
public sealed class RealTheoryAttribute : TheoryAttribute
{
    public const string Variable = "PAAS_BUILDPACK_CLONES";
}

public sealed class RealTheoryDiscoverer(IMessageSink messages) : TheoryDiscoverer(messages)
{
    public override IEnumerable<IXunitTestCase> Discover(ITestFrameworkDiscoveryOptions discoveryOptions, ITestMethod testMethod, IAttributeInfo theoryAttribute) =>
        string.IsNullOrEmpty(Environment.GetEnvironmentVariable(RealTheoryAttribute.Variable)) ? [] : base.Discover(discoveryOptions, testMethod, theoryAttribute);
}
