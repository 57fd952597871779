using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>A script of the app's that fetches the version of a build tool which the app names: <c>mvnw</c>, <c>gradlew</c>.</summary>
internal static class BuildWrapper
{
    /// <summary>How to run one. Whoever commits from Windows loses the mode of a file; then the shell runs it.</summary>
    public static ImmutableArray<string> Command(SourceTree tree, string name)
    {
        using var root = tree.OpenDirectory(string.Empty);
        return root?.Find(TreeName.Of(name)) is { Kind: TreeEntryKind.File, Executable: false } ? ["sh", "./" + name] : ["./" + name];
    }
}
