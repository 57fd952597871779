using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>The .NET that a build finds on the machine.</summary>
/// <param name="Root">Its directory, with <c>dotnet</c> in it.</param>
/// <param name="Sdks">The versions of its SDKs; pre-releases among them count as their releases.</param>
/// <param name="Runtimes">The versions of Microsoft.NETCore.App.</param>
internal sealed partial record DotnetSdks(string Root, IReadOnlyList<Version> Sdks, IReadOnlyList<Version> Runtimes)
{
    /// <summary>Looks, or says what is missing.</summary>
    public static async ValueTask<(DotnetSdks? Found, string? Problem)> FindAsync(BuildContext context, CancellationToken cancellationToken)
    {
        if (Toolchain.Missing(context, ".NET", "dotnet-sdk-10.0", "dotnet") is { } missing)
        {
            return (null, missing);
        }

        var environment = DotnetEnvironment.Of(context);
        var sdks = await ListAsync(context, "--list-sdks", SdkLine(), environment, cancellationToken).ConfigureAwait(false);
        var runtimes = await ListAsync(context, "--list-runtimes", RuntimeLine(), environment, cancellationToken).ConfigureAwait(false);
        if (sdks.Count == 0)
        {
            var path = context.FindProgram("dotnet")!;
            var place = Path.GetDirectoryName(new FileInfo(path).ResolveLinkTarget(returnFinalTarget: true)?.FullName ?? path);
            return (null, place?.StartsWith("/usr/", StringComparison.Ordinal) == false
                ? $"A build can't run '{path}'. It is installed in {place}, outside /usr, which builds and dynos don't see unless the platform's operator names that directory as a toolchain (PaaSOptions.Toolchains)."
                : $"'{path}' finds no .NET SDK. Install one on the platform's machine (https://dotnet.microsoft.com/download).");
        }

        return (new DotnetSdks(sdks[0].Place, [.. sdks.Select(static sdk => sdk.Version)], [.. runtimes.Select(static runtime => runtime.Version)]), null);
    }

    /// <summary>What of an app's wishes the machine can't meet; null if it meets them all.</summary>
    /// <param name="app">The app.</param>
    /// <param name="wanted">Its global.json.</param>
    public string? Unmet(DotnetApp app, GlobalJson? wanted)
    {
        if (wanted is not null && !Sdks.Any(wanted.Accepts))
        {
            return Toolchain.Unmet($"global.json (sdk.version, rollForward {wanted.RollForward})", wanted.Text, $".NET SDK {string.Join(", ", Sdks)}");
        }

        foreach (var project in app.Projects.Where(static project => project.TargetFramework is not null))
        {
            if (Framework().Match(project.TargetFramework!) is not { Success: true } match)
            {
                continue;
            }

            var framework = Version.Parse(match.Groups[1].Value);
            var isMet = Sdks.Any(sdk => sdk.Major >= framework.Major)
                && (project.IsIndependent || project.Kind == DotnetProjectKind.Other || Runtimes.Any(runtime => (runtime.Major, runtime.Minor) == (framework.Major, framework.Minor)));
            if (!isMet)
            {
                return Toolchain.Unmet(
                    $"TargetFramework of {TreeName.Shown(project.Path)}", project.TargetFramework!, $".NET SDK {string.Join(", ", Sdks)} and the runtimes {string.Join(", ", Runtimes)}");
            }
        }

        return null;
    }

    private static async ValueTask<List<(Version Version, string Place)>> ListAsync(
        BuildContext context, string option, Regex line, Dictionary<string, string> environment, CancellationToken cancellationToken)
    {
        var (exit, text) = await context.ReadAsync(["dotnet", option], environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded
            ? [.. line.Matches(text).Select(static match => (Version.Parse(match.Groups[1].Value), Path.GetDirectoryName(match.Groups[2].Value)!)).OrderByDescending(static found => found.Item1)]
            : [];
    }

    [GeneratedRegex(@"^([0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,5})(?:-\S+)? \[(/[^\]\n]+)\]\s*$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex SdkLine();

    [GeneratedRegex(@"^Microsoft\.NETCore\.App ([0-9]{1,4}\.[0-9]{1,4}\.[0-9]{1,5})(?:-\S+)? \[(/[^\]\n]+)\]\s*$", RegexOptions.CultureInvariant | RegexOptions.Multiline)]
    private static partial Regex RuntimeLine();

    /// <summary><c>net5.0</c> and later; netstandard and the old framework make no programs for here.</summary>
    [GeneratedRegex(@"^net((?:[5-9]|[1-9][0-9])\.[0-9]{1,2})$", RegexOptions.CultureInvariant)]
    private static partial Regex Framework();
}
