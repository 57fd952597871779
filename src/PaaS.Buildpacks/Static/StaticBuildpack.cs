namespace PaaS.Buildpacks;

/// <summary>
/// Serves a directory of files with the machine's nginx: single-page apps too, by the routes of <c>static.json</c>. Without that file,
/// an app with an <c>index.html</c> is served as it is. It can follow another buildpack that makes the files.
/// </summary>
public sealed class StaticBuildpack : IBuildpack
{
    /// <summary>The official buildpack's, for an app that doesn't say.</summary>
    private const string DefaultRoot = "public_html";

    private const string ConfigurationFile = ".heroku/static/nginx.conf";

    /// <summary>Puts in what only a dyno knows, and becomes nginx.</summary>
    private const string Boot = """
        #!/usr/bin/env bash
        # Serves the site that .heroku/static/nginx.conf describes. Written by the platform's static buildpack.
        set -euo pipefail
        home=${HOME:?} port=${PORT:-5000}
        nginx=$(PATH="$PATH:/usr/local/sbin:/usr/sbin" command -v nginx) || { echo "bin/boot: nginx is not installed on this machine" >&2; exit 127; }
        umask 077
        run=$(mktemp -d)
        configuration=$(<"$home/.heroku/static/nginx.conf")
        configuration=${configuration//@HOME@/"$home"}
        configuration=${configuration//@PORT@/"$port"}
        configuration=${configuration//@RUN@/"$run"}
        if [[ $configuration == *auth_basic_user_file* ]]; then
          : "${BASIC_AUTH_USERNAME:?static.json asks for basic_auth: set this config var}" "${BASIC_AUTH_PASSWORD:?static.json asks for basic_auth: set this config var}"
          printf '%s:{PLAIN}%s\n' "$BASIC_AUTH_USERNAME" "$BASIC_AUTH_PASSWORD" >"$run/users"
        fi
        # Only where root runs an app by hand: nginx would read the files as somebody else.
        [ "$EUID" -ne 0 ] || configuration="user root;"$'\n'"$configuration"
        printf '%s\n' "$configuration" >"$run/nginx.conf"
        exec "$nginx" -e stderr -p "$run" -c "$run/nginx.conf"

        """;

    /// <inheritdoc/>
    public string Id => "heroku/static";

    /// <inheritdoc/>
    public string DisplayName => "Static HTML";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            context.Tree.HasFile("static.json") || (context.Tree.HasFile("index.html") && !HasWeb(context)),
            "There is neither a static.json in the root of the app, nor an index.html without a Procfile that declares web."));
    }

    /// <inheritdoc/>
    public ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult<CompileResult>(Compile(context) is { } problem ? new CompileFailed(problem) : new Compiled());
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Web("bin/boot"));

    /// <summary>Whether the app serves itself: a first page alone says nothing then.</summary>
    private static bool HasWeb(BuildContext context) => DeclaredTypes.Read(context.Tree, null).Types.ContainsKey(ProcessType.Web);

    private static string? Compile(BuildContext context)
    {
        if (!Nginx.IsInstalled(context))
        {
            return "This machine has no nginx, which serves static sites. Install it on the platform's machine, for example with 'apt-get install nginx-light'.";
        }

        string? text;
        try
        {
            text = context.Tree.ReadText("static.json", StaticSite.MaxBytes);
        }
        catch (InvalidDataException e)
        {
            return e.Message;
        }

        if (!StaticSite.TryParse(text ?? """{"root": "."}""", out var site, out var problem))
        {
            return problem;
        }

        foreach (var name in site.Unknown)
        {
            context.Output.Warning($"static.json: '{TreeName.Shown(name)}' means nothing to this platform.");
        }

        var root = site.Root ?? (context.Tree.HasDirectory(DefaultRoot) ? DefaultRoot : ".");
        if (root != "." && !context.Tree.HasDirectory(root))
        {
            return $"static.json names '{TreeName.Shown(root)}' as the root, but the app has no such directory. Commit it, or let a buildpack before this one make it: put heroku/nodejs and heroku/static into .buildpacks, one a line.";
        }

        Write(context, site, root);
        return null;
    }

    private static void Write(BuildContext context, StaticSite site, string root)
    {
        string InRoot(string file) => root == "." ? file : $"{root}/{file}";
        context.Output.Heading($"Serving {(root == "." ? "the app's directory" : TreeName.Shown(root) + "/")} with nginx");
        if (context.Tree.Exists("bin/boot"))
        {
            context.Output.Warning("The app's own bin/boot is replaced.");
        }

        var errorPage = site.ErrorPage ?? (context.Tree.HasFile(InRoot("404.html")) ? "404.html" : null);
        if (!context.Tree.HasFile(InRoot("index.html")))
        {
            context.Output.Warning($"There is no {TreeName.Shown(InRoot("index.html"))}: the site's first page will not be found.");
        }

        context.WriteFile(Nginx.TypesFile, Nginx.Types);
        context.WriteFile(ConfigurationFile, StaticConfiguration.Write(site, root, errorPage));
        context.WriteFile("bin/boot", Boot, executable: true);
    }
}
