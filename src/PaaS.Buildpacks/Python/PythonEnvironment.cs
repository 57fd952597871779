namespace PaaS.Buildpacks;

/// <summary>An app's own environment of Python modules, and what makes it work wherever the app's directory is.</summary>
internal static class PythonEnvironment
{
    /// <summary>Where it stands in the app's directory: Heroku's place, so that paths in Procfiles hold.</summary>
    public const string Directory = ".heroku/python";

    /// <summary>What commands of the build never see of the app's config vars: they would bend Python or pip away from the environment.</summary>
    private static readonly string[] Bending = ["PYTHONHOME", "PIP_TARGET", "PIP_PREFIX", "PIP_ROOT", "PIP_USER", "PIP_PYTHON", "VIRTUAL_ENV"];

    /// <summary>
    /// Scripts of an environment name its Python by an absolute path, and an app's directory is another one each time where there is no
    /// sandbox. They find it beside themselves instead. What is bound to a path and not needed goes: activate scripts (its programs
    /// are on the path anyway), and the command that made the environment.
    /// </summary>
    public const string Loosen = """
        import os, sys
        venv = sys.argv[1]
        programs = os.path.join(venv, "bin")
        bound = os.fsencode(programs) + b"/python"
        head = b'#!/bin/sh\n\'\'\'exec\' "$(dirname -- "$(realpath -- "$0")")/python" "$0" "$@"\n\' \'\'\'\n'
        for name in os.listdir(programs):
            path = os.path.join(programs, name)
            if name.lower().startswith("activate"):
                os.remove(path)
                continue
            if os.path.islink(path) or not os.path.isfile(path):
                continue
            with open(path, "rb") as file:
                lines = file.read().split(b"\n", 3)
            if lines[0].startswith(b"#!" + bound):
                rest = b"\n".join(lines[1:])
            elif len(lines) == 4 and lines[0] == b"#!/bin/sh" and lines[1].startswith(b"'''exec' ") and bound in lines[1]:
                rest = lines[3]
            else:
                continue
            with open(path, "wb") as file:
                file.write(head + rest)
        settings = os.path.join(venv, "pyvenv.cfg")
        with open(settings) as file:
            kept = [line for line in file if not line.startswith("command =")]
        with open(settings, "w") as file:
            file.writelines(kept)
        """;

    /// <summary>A command in the environment: its absolute path as the build sees it.</summary>
    public static string Program(BuildContext context, string name) => $"{context.AppPath}/{Directory}/bin/{name}";

    /// <summary>Variables for what installs modules.</summary>
    public static Dictionary<string, string> ForInstall(BuildContext context)
    {
        var defaults = new Dictionary<string, string>(StringComparer.Ordinal)
        {
            ["PIP_CACHE_DIR"] = Path.Combine(context.CacheDirectory, "pip"),
            ["PIP_DISABLE_PIP_VERSION_CHECK"] = "1",
            ["PIP_NO_INPUT"] = "1",
            ["PIP_PROGRESS_BAR"] = "off",
            ["PIP_ROOT_USER_ACTION"] = "ignore",

            // Compiled modules then know their source by its content: they are the same in every build, and hold after the slug is unpacked.
            ["SOURCE_DATE_EPOCH"] = "315532800",
        };
        if (context.Packages is { Offline: false, PyPi: { } mirror })
        {
            defaults["PIP_INDEX_URL"] = defaults["UV_DEFAULT_INDEX"] = mirror.AbsoluteUri;
            if (mirror.Scheme == Uri.UriSchemeHttp)
            {
                defaults["PIP_TRUSTED_HOST"] = mirror.Host;
            }
        }

        var environment = CommandEnvironment.Of(context, defaults, [.. Bending, "PYTHONPATH"]);
        Enter(context, environment);
        return environment;
    }

    /// <summary>Variables for the app's own code: its scripts, and Django's commands.</summary>
    public static Dictionary<string, string> ForApp(BuildContext context)
    {
        var environment = CommandEnvironment.Of(context, [new("PYTHONPATH", "."), new("PYTHONUNBUFFERED", "1"), new("PIP_DISABLE_PIP_VERSION_CHECK", "1")], Bending);

        // They would hold the times of the sources' files, which are others in a dyno.
        environment["PYTHONDONTWRITEBYTECODE"] = "1";
        Enter(context, environment);
        return environment;
    }

    /// <summary>
    /// A pip for the app's scripts and one-off dynos that installs into the environment. It is the machine's: one of the environment's own would
    /// make each slug larger by its 10 MB.
    /// </summary>
    public static string Pip(PythonInterpreter python) => $$"""
        #!/bin/sh
        exec '{{python.Path.Replace("'", "'\\''", StringComparison.Ordinal)}}' -I -m pip --python "$(dirname -- "$(realpath -- "$0")")/python" "$@"

        """;

    private static void Enter(BuildContext context, Dictionary<string, string> environment) =>
        environment["PATH"] = $"{context.AppPath}/{Directory}/bin:{context.Environment["PATH"]}";
}
