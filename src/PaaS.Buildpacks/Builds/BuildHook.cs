namespace PaaS.Buildpacks;

/// <summary>A script of the app's own that a build runs if it is there, such as <c>bin/pre_compile</c>.</summary>
internal static class BuildHook
{
    // Without an exec: a script that has no first line of its own runs in bash, as on Heroku.
    private const string Run = """chmod +x "./$1" && "./$1" """;

    /// <summary>Runs the script.</summary>
    /// <param name="context">The build.</param>
    /// <param name="path">Its path in the app's directory.</param>
    /// <param name="environment">Its variables.</param>
    /// <param name="cancellationToken">Kills it.</param>
    /// <returns>What went wrong, or null; also null if there is no such script.</returns>
    public static async ValueTask<string?> RunAsync(BuildContext context, string path, IReadOnlyDictionary<string, string> environment, CancellationToken cancellationToken)
    {
        if (!context.Tree.HasFile(path))
        {
            return null;
        }

        context.Output.Heading($"Running {path} hook");
        var exit = await context.RunAsync(["bash", "-c", Run, path, path], environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded
            ? null
            : $"The app's script {path} ended with status {exit.Status}. What it printed stands above. Mend it, or give it another name if builds should not run it.";
    }
}
