using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// Builds Python apps with the machine's own Python: a virtual environment in <c>.heroku/python</c>, filled by pip from
/// <c>requirements.txt</c>, or by Pipenv, Poetry or uv from their lock file where the machine has these programs; Django's
/// <c>collectstatic</c>; the scripts <c>bin/pre_compile</c> and <c>bin/post_compile</c>. The environment and pip's downloads are kept between
/// builds. The version that the app asks for must be there.
/// </summary>
public sealed class PythonBuildpack : IBuildpack
{
    /// <summary>The names of Heroku's detect script, misspellings included: the build says what is wrong with those.</summary>
    private static readonly string[] Known =
    [
        ".python-version", "__init__.py", "app.py", "main.py", "manage.py", "pdm.lock", "Pipfile", "Pipfile.lock", "poetry.lock", "pyproject.toml", "requirements.txt", "runtime.txt",
        "server.py", "setup.cfg", "setup.py", "uv.lock",
        "requeriments.txt", "requirement.txt", "requirements", "requirements.text", "Requirements.txt", "requirements.txt.txt", "requirments.txt",
    ];

    /// <summary>What should not be in a repository, but often is where nothing else says that this is Python.</summary>
    private static readonly string[] KnownDirectories = ["__pycache__", ".venv", "venv"];

    /// <inheritdoc/>
    public string Id => "heroku/python";

    /// <inheritdoc/>
    public string DisplayName => "Python";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var tree = context.Tree;
        return ValueTask.FromResult(Detection.If(
            Known.Any(name => tree.HasFile(name) || tree.HasDirectory(name)) || KnownDirectories.Any(tree.HasDirectory),
            "There is no requirements.txt, Pipfile.lock, poetry.lock or uv.lock in the root of the app. Check that one is committed, spelled like that, and neither in .gitignore nor in .slugignore."));
    }

    /// <inheritdoc/>
    public ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return new PythonBuild(context, cancellationToken).RunAsync();
    }

    /// <summary>No process types: a Python app needs a Procfile. <c>heroku-postgresql</c> for an app of Django with psycopg2, as Heroku.</summary>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        ImmutableArray<string> addOns = context.Tree.HasFile("manage.py") && PythonModules.Has(context, "django") && PythonModules.Has(context, "psycopg2") ? ["heroku-postgresql"] : [];
        return ValueTask.FromResult(BuildpackRelease.Empty with { AddOns = addOns });
    }
}
