namespace PaaS.Buildpacks;

/// <summary>Runs Django's collectstatic for an app that has Django and a manage.py, unless the app has switched it off.</summary>
internal sealed class DjangoAssets(BuildContext context, CancellationToken cancellationToken)
{
    /// <summary>Heroku looks no deeper: <c>a/b/manage.py</c>.</summary>
    private const int MaxDepth = 3;

    private const int MaxDirectories = 10_000;

    /// <summary>Collects.</summary>
    /// <returns>What went wrong, or null.</returns>
    public async ValueTask<string?> CollectAsync()
    {
        if (context.ConfigVars.TryGetValue("DISABLE_COLLECTSTATIC", out var off) && off is not ("0" or ""))
        {
            context.Output.Heading("Skipping Django collectstatic since the env var DISABLE_COLLECTSTATIC is set.");
            return null;
        }

        if (FindManage(context.Tree) is not { } manage)
        {
            if (PythonModules.HasOwn(context, "django"))
            {
                context.Output.Heading("Skipping Django collectstatic since no manage.py file found.");
            }

            return null;
        }

        if (!PythonModules.Has(context, "django"))
        {
            return null;
        }

        context.Output.Heading($"$ python {manage} collectstatic --noinput");
        var exit = await context.RunAsync(
            [PythonEnvironment.Program(context, "python"), manage, "collectstatic", "--noinput", "--traceback"], PythonEnvironment.ForApp(context), cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded
            ? null
            : $"Django's static files could not be collected ('python {manage} collectstatic' ended with status {exit.Status}); why stands above. Mend it, or switch this step off: heroku config:set DISABLE_COLLECTSTATIC=1";
    }

    /// <summary>The manage.py that is the least deep; of several, the first by name.</summary>
    internal static string? FindManage(SourceTree tree)
    {
        List<string> level = [string.Empty];
        for (var depth = 1; depth <= MaxDepth; depth++)
        {
            if (level.Select(static directory => $"{directory}manage.py").FirstOrDefault(tree.HasFile) is { } found)
            {
                return found;
            }

            level = [.. level.SelectMany(directory => tree.Directories(directory.TrimEnd('/')).Select(name => $"{directory}{name}/")).Take(MaxDirectories)];
        }

        return null;
    }
}
