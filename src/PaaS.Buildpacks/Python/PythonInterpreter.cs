namespace PaaS.Buildpacks;

/// <summary>A Python of the machine.</summary>
/// <param name="Path">Its absolute path; an app's environment points to it.</param>
/// <param name="Version">Its version, of three numbers.</param>
/// <param name="Pip">The version of its pip; <see langword="null"/> if it has none.</param>
internal sealed record PythonInterpreter(string Path, Version Version, Version? Pip)
{
    /// <summary>From here on pip installs into another environment than its own.</summary>
    private static readonly Version LeastPip = new(22, 3);

    private const string Probe = """
        import sys
        print("python", ".".join(str(n) for n in sys.version_info[:3]))
        try:
            import pip
            print("pip", pip.__version__)
        except ImportError:
            pass
        """;

    /// <summary>Finds the Python that an app asks for, or says why there is none.</summary>
    public static async ValueTask<(PythonInterpreter? Found, string? Problem)> FindAsync(BuildContext context, PythonVersionRequest? wanted, CancellationToken cancellationToken)
    {
        if (Toolchain.Missing(context, "Python", "python3-venv python3-pip", "python3") is { } missing)
        {
            return (null, missing);
        }

        PythonInterpreter? first = null;
        foreach (var path in Candidates(context))
        {
            if (await LookAsync(context, path, cancellationToken).ConfigureAwait(false) is not { } python)
            {
                continue;
            }

            if (wanted is null || wanted.Condition.Contains(python.Version))
            {
                return python.Pip >= LeastPip
                    ? (python, null)
                    : (null, $"{path} has {(python.Pip is null ? "no pip" : $"pip {python.Pip}, which is too old")}. Install pip {LeastPip} or later on the platform's machine, for example with 'apt-get install python3-pip'.");
            }

            first ??= python;
        }

        return first is null
            ? (null, "'python3' can't be run in a build. Repair Python on the platform's machine; if it is installed outside /usr, the operator has to name its directory as a toolchain.")
            : (null, Toolchain.Unmet(wanted!.Origin, $"Python {wanted.Text}", $"Python {first.Version}"));
    }

    /// <summary>
    /// The system's own first, wherever it is on the path: one that a version switcher has put before it doesn't see the system's modules.
    /// Then those that have a version in their name, the newest first.
    /// </summary>
    private static IEnumerable<string> Candidates(BuildContext context)
    {
        const string System = "/usr/bin/python3";
        var hasSystem = context.Environment["PATH"].Split(':').Contains("/usr/bin") && File.Exists(System);
        return Enumerable.Range(8, 32).Reverse()
            .Select(minor => context.FindProgram($"python3.{minor}"))
            .OfType<string>()
            .Prepend(hasSystem ? System : context.FindProgram("python3")!);
    }

    private static async ValueTask<PythonInterpreter?> LookAsync(BuildContext context, string path, CancellationToken cancellationToken)
    {
        var (exit, text) = await context.ReadAsync([path, "-I", "-c", Probe], cancellationToken: cancellationToken).ConfigureAwait(false);
        var said = text.Split('\n').Select(static line => line.Trim().Split(' ')).Where(static words => words.Length == 2).ToLookup(static words => words[0], static words => words[1]);
        return exit.Succeeded && Version.TryParse(said["python"].FirstOrDefault(), out var version) && version.Build >= 0
            ? new PythonInterpreter(path, version, Version.TryParse(Release(said["pip"].FirstOrDefault()), out var pip) ? pip : null)
            : null;
    }

    /// <summary>The numbers of a version, without a pre-release's mark.</summary>
    private static string? Release(string? version) => version is null ? null : string.Concat(version.TakeWhile(static c => char.IsAsciiDigit(c) || c == '.')).TrimEnd('.');
}
