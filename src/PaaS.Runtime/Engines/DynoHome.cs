using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>Where a dyno finds its slug and its temporary files, in its own eyes.</summary>
/// <param name="App">The app's own directory, its home and where it starts: the slug's root, or a directory of it.</param>
/// <param name="Temporary">Its temporary directory.</param>
/// <param name="Mounts">What of the host it is shown for that.</param>
/// <param name="RemoveAsync">Removes, or gives back, what is on the host; when the dyno is gone.</param>
internal sealed record DynoHome(string App, string Temporary, ImmutableArray<ProcessMount> Mounts, Func<ValueTask> RemoveAsync)
{
    /// <summary>The same, at home in a directory of the slug.</summary>
    public DynoHome In(SourcePath? directory) => directory is { } below ? this with { App = $"{App}/{below}" } : this;

    /// <summary>A copy of the slug and a directory for temporary files, on the host.</summary>
    public static DynoHome Of(DynoFiles files) => new(files.App, files.Temporary, [], files.RemoveAsync);

    /// <summary>An unpacked slug that it shares with others, as a layer that it can write to; the temporary directory is the launcher's.</summary>
    public static DynoHome Of(SlugLease slug) => new("/app", "/tmp", [new(slug.Path, "/app", ProcessMountMode.Ephemeral)], () =>
    {
        slug.Dispose();
        return ValueTask.CompletedTask;
    });
}
