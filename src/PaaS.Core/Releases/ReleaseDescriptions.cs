namespace PaaS.Core;

/// <summary>The words Heroku uses for what made a release.</summary>
internal static class ReleaseDescriptions
{
    public static string OfDeploy(Slug slug) => slug.Commit is { Length: > 0 } commit ? $"Deploy {commit[..Math.Min(8, commit.Length)]}" : "Deploy";

    public static string OfConfigChange(ConfigVars before, ConfigPatch patch)
    {
        var set = patch.Where(change => change.Value is not null && (!before.TryGetValue(change.Key, out var old) || old != change.Value)).Select(change => change.Key).ToList();
        var removed = patch.Where(change => change.Value is null && before.ContainsKey(change.Key)).Select(change => change.Key).ToList();
        var setWords = set.Count == 0 ? null : $"Set {string.Join(", ", set)} config var{(set.Count == 1 ? "" : "s")}";
        var removedWords = removed.Count == 0 ? null : $"Remove {string.Join(", ", removed)} config vars";
        return string.Join(", ", new[] { setWords, removedWords }.OfType<string>());
    }
}
