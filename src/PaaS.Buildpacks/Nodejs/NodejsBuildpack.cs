using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// Builds Node.js apps with the machine's own Node.js and npm: dependencies (<c>npm ci</c> with a lock file, else
/// <c>npm install</c>), the scripts <c>heroku-prebuild</c>, <c>heroku-postbuild</c> or <c>build</c>, removal of dev dependencies,
/// <c>heroku-cleanup</c>. npm's cache is kept between builds. <c>engines.node</c> must admit the Node.js that is there.
/// </summary>
public sealed class NodejsBuildpack : IBuildpack
{
    /// <inheritdoc/>
    public string Id => "heroku/nodejs";

    /// <inheritdoc/>
    public string DisplayName => "Node.js";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(context.HasFile("package.json")
            ? Detection.Yes
            : Detection.No("There is no package.json in the root of the app. Check that it is committed, and neither in .gitignore nor in .slugignore."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        string text;
        try
        {
            text = context.ReadText("package.json", PackageJson.MaxBytes) ?? string.Empty;
        }
        catch (InvalidDataException e)
        {
            return new CompileFailed(e.Message);
        }

        return PackageJson.TryParse(text, out var package, out var problem)
            ? await new NodejsBuild(context, package, cancellationToken).RunAsync().ConfigureAwait(false)
            : new CompileFailed(problem);
    }

    /// <summary>What runs if there is no Procfile entry: the start script, else the main file, else server.js as npm itself does.</summary>
    internal static ImmutableSortedDictionary<ProcessType, string> DefaultProcessTypes(PackageJson package, bool hasServer)
    {
        var command = package.Scripts.Contains("start") ? "npm start"
            : package.Main is { } main && !main.Contains('\n', StringComparison.Ordinal) && !main.Contains('\0', StringComparison.Ordinal) ? "node " + Quoted(main)
            : hasServer ? "node server.js"
            : null;
        var types = ImmutableSortedDictionary<ProcessType, string>.Empty;
        return command is null ? types : types.Add(ProcessType.Web, command);
    }

    /// <summary>A file name as one word of the dyno's shell, and never an option of node's.</summary>
    private static string Quoted(string path)
    {
        path = path.StartsWith('-') ? "./" + path : path;
        return path.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '/' or '_' or '-')
            ? path
            : "'" + path.Replace("'", "'\\''", StringComparison.Ordinal) + "'";
    }
}
