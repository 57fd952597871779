using System.Globalization;

namespace PaaS.Buildpacks;

/// <summary>A Go of the machine.</summary>
/// <param name="Path">The absolute path of its <c>go</c>.</param>
/// <param name="Version">Its version, of three numbers.</param>
internal sealed record GoToolchain(string Path, Version Version)
{
    /// <summary>Finds one for a module, or says why there is none.</summary>
    /// <param name="context">The build.</param>
    /// <param name="module">The module. What it asks for in <c>go 1.22</c> is the least that it needs; newer ones build it the same way.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public static async ValueTask<(GoToolchain? Found, string? Problem)> FindAsync(BuildContext context, GoMod module, CancellationToken cancellationToken)
    {
        if (Toolchain.Missing(context, "Go", "golang-go", "go", "bash") is { } missing)
        {
            return (null, missing);
        }

        var (text, origin, isPinned) = Wanted(context, module);
        if (text is not null && Parse(text) is null)
        {
            return (null, $"{origin} asks for Go '{TreeName.Shown(text)}', which is no version. Write one such as 1.22.");
        }

        var wanted = text is null ? null : Parse(text);
        var found = new List<GoToolchain>();
        foreach (var path in Candidates(context))
        {
            if (await LookAsync(context, path, cancellationToken).ConfigureAwait(false) is not { } go)
            {
                continue;
            }

            found.Add(go);
            if (wanted is null || (isPinned ? IsSameMinor(go.Version, wanted) : go.Version >= wanted))
            {
                break;
            }
        }

        if (found.Count == 0)
        {
            return (null, "'go version' can't be run in a build. Repair Go on the platform's machine; if it is installed outside /usr, the operator has to name its directory as a toolchain.");
        }

        var fitting = found.FindAll(go => wanted is null || go.Version >= wanted);
        var chosen = fitting.Find(go => wanted is not null && IsSameMinor(go.Version, wanted)) ?? fitting.FirstOrDefault();
        if (chosen is null)
        {
            return (null, Toolchain.Unmet(origin, $"Go {text}", $"Go {found.Max(static go => go.Version)}"));
        }

        Say(context, chosen, wanted, text, origin, isPinned);
        return (chosen, null);
    }

    /// <summary>Reads <c>1.22</c>, <c>go1.22.3</c>; a pre-release counts as its release.</summary>
    internal static Version? Parse(string text)
    {
        var numbers = string.Concat((text.StartsWith("go", StringComparison.Ordinal) ? text[2..] : text).TakeWhile(static c => char.IsAsciiDigit(c) || c == '.')).Split('.');
        var parsed = new int[3];
        for (var i = 0; i < numbers.Length; i++)
        {
            if (i >= 3 || numbers[i].Length > 4 || !int.TryParse(numbers[i], NumberStyles.None, CultureInfo.InvariantCulture, out parsed[i]))
            {
                return null;
            }
        }

        return numbers.Length < 2 ? null : new Version(parsed[0], parsed[1], parsed[2]);
    }

    private static (string? Text, string Origin, bool IsPinned) Wanted(BuildContext context, GoMod module) =>
        context.ConfigVars.TryGetValue("GOVERSION", out var variable) && variable.Length > 0 ? (variable, "The config var GOVERSION", true)
        : module.HerokuVersion is { } comment ? (comment, "The comment '+heroku goVersion' in go.mod", true)
        : (module.Go, "go.mod", false);

    private static void Say(BuildContext context, GoToolchain go, Version? wanted, string? text, string origin, bool isPinned)
    {
        context.Output.Heading($"Using go{go.Version}");
        if (wanted is null)
        {
            context.Output.Warning($"go.mod does not say which Go it needs. Add the line 'go {go.Version.ToString(2)}'.");
        }
        else if (isPinned && !IsSameMinor(go.Version, wanted))
        {
            context.Output.Warning($"{origin} asks for Go {TreeName.Shown(text!)}. This platform has the newer {go.Version}, which builds programs for it, too.");
        }
    }

    private static bool IsSameMinor(Version one, Version other) => (one.Major, one.Minor) == (other.Major, other.Minor);

    /// <summary>The one on the path; then those that lie beside it: by hand in /usr/local/go, and Debian's of other versions.</summary>
    private static IEnumerable<string> Candidates(BuildContext context)
    {
        var debian = Directory.Exists("/usr/lib") ? Directory.GetDirectories("/usr/lib", "go-1.*") : [];
        return debian.OrderByDescending(static path => Parse(path[(path.LastIndexOf('-') + 1)..]) ?? new Version(0, 0))
            .Prepend("/usr/local/go")
            .Select(static path => $"{path}/bin/go")
            .Where(File.Exists)
            .Prepend(context.FindProgram("go")!);
    }

    private static async ValueTask<GoToolchain?> LookAsync(BuildContext context, string path, CancellationToken cancellationToken)
    {
        var (exit, text) = await context.ReadAsync([path, "version"], new Dictionary<string, string> { ["GOTOOLCHAIN"] = "local" }, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded && text.Split(' ') is ["go", "version", var version, ..] && Parse(version) is { } parsed ? new GoToolchain(path, parsed) : null;
    }
}
