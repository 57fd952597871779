namespace PaaS.Buildpacks;

/// <summary>Directories of the app's that are kept from build to build, copied by the app's own user: no link in them leads the host anywhere.</summary>
/// <param name="context">The build.</param>
/// <param name="name">Where they are kept, below the cache.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class KeptDirectories(BuildContext context, string name, CancellationToken cancellationToken)
{
    // Paths are arguments, never text of the script. What the app has of its own is not overwritten.
    private const string Restore = """
        kept=$1; shift
        for path; do
          if [ -d "$kept/$path" ] && [ ! -e "$path" ]; then mkdir -p -- "$(dirname -- "$path")" && cp -a --reflink=auto -- "$kept/$path" "$path" || rm -rf -- "$path"; fi
        done
        """;

    private const string Store = """
        kept=$1; shift
        rm -rf "$kept"
        for path; do
          if [ -d "$path" ] && [ ! -L "$path" ]; then mkdir -p -- "$kept/$(dirname -- "$path")" && cp -a --reflink=auto -- "$path" "$kept/$path" || { rm -rf "$kept"; exit 1; }; fi
        done
        """;

    /// <summary>Puts what is kept where the app has nothing of that name.</summary>
    public ValueTask RestoreAsync(IReadOnlyList<SourcePath> directories) => RunAsync(Restore, directories);

    /// <summary>Keeps what is there now, and nothing else.</summary>
    public ValueTask StoreAsync(IReadOnlyList<SourcePath> directories) => RunAsync(Store, directories);

    private async ValueTask RunAsync(string script, IReadOnlyList<SourcePath> directories)
    {
        if (directories.Count == 0)
        {
            return;
        }

        var exit = await context.RunAsync(
            ["bash", "-c", script, "keep", Path.Combine(context.CacheDirectory, name), .. directories.Select(static d => d.ToString())],
            cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded)
        {
            context.Output.Warning($"{string.Join(", ", directories)} could not be kept between builds (status {exit.Status}).");
        }
    }
}
