using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>What comes of a wish about how an app is built.</summary>
internal static class BuildRules
{
    public static Decision Change(App app, BuildPatch patch)
    {
        if (Problem(patch) is { } problem)
        {
            return Decision.Refuse(RefusalCode.Invalid, problem);
        }

        var before = app.Build;
        var after = before with
        {
            Buildpacks = patch.Buildpacks ?? before.Buildpacks,
            IsDetected = patch.Buildpacks is null && before.IsDetected,
            Root = patch.Root is { } root ? Below(root) : before.Root,
            AppDirectory = patch.AppDirectory is { } directory ? Below(directory) : before.AppDirectory,
            Secrets = patch.Secrets ?? before.Secrets.Except(patch.NotSecrets ?? []),
            NotSecrets = patch.NotSecrets ?? before.NotSecrets.Except(patch.Secrets ?? []),
        };
        return AreSame(before, after) ? Decision.Nothing : Decision.Accept(new AppEvent.BuildChanged(after));
    }

    public static Decision Adopt(App app, ImmutableList<BuildpackReference> found) =>
        app.Build.Buildpacks.IsEmpty && !found.IsEmpty
            ? Decision.Accept(new AppEvent.BuildChanged(app.Build with { Buildpacks = found, IsDetected = true }))
            : Decision.Nothing;

    // The root of the source is written as no directory at all, in one way only.
    private static SourcePath? Below(SourcePath path) => path == default ? null : path;

    private static string? Problem(BuildPatch patch)
    {
        if (patch.Buildpacks is { Count: > BuildSettings.MaxBuildpacks } buildpacks)
        {
            return $"An app has at most {BuildSettings.MaxBuildpacks} buildpacks; these are {buildpacks.Count}.";
        }

        foreach (var (names, what) in new[] { (patch.Secrets, "secrets"), (patch.NotSecrets, "not_secrets") })
        {
            if (names is { Count: > BuildSettings.MaxNames })
            {
                return $"{what} holds {names.Count} names; at most {BuildSettings.MaxNames} are allowed.";
            }

            if (names?.Select(static name => ConfigVarRules.Problem(name, null)).FirstOrDefault(static problem => problem is not null) is { } problem)
            {
                return $"{what}: {problem}";
            }
        }

        return patch.Secrets?.Intersect(patch.NotSecrets ?? []) is { Count: > 0 } both
            ? $"{both.Min} stands in both secrets and not_secrets. Leave it out of one."
            : null;
    }

    // Records compare their collections by reference.
    private static bool AreSame(BuildSettings one, BuildSettings other) =>
        one.IsDetected == other.IsDetected && one.Root == other.Root && one.AppDirectory == other.AppDirectory
        && one.Buildpacks.SequenceEqual(other.Buildpacks) && one.Secrets.SetEquals(other.Secrets) && one.NotSecrets.SetEquals(other.NotSecrets);
}
