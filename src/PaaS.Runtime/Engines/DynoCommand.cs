using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Runtime;

/// <summary>How a dyno's command is run and what it finds around it.</summary>
internal static class DynoCommand
{
    /// <summary>Open files per process (Heroku: 10,000).</summary>
    private const int OpenFiles = 10_000;

    // Heroku sources in arbitrary order; by name is one of them, and can be relied on. The tenant's command is one
    // argument, read by bash alone; a profile script may change the positional parameters, hence the variable.
    private const string Script = """
        __paas_command=$1
        for __paas_script in "$HOME"/.profile.d/*.sh; do
            if [ -f "$__paas_script" ]; then . "$__paas_script"; fi
        done
        if [ -f "$HOME/.profile" ]; then . "$HOME/.profile"; fi
        exec "$BASH" -c "$__paas_command"
        """;

    /// <summary>The process of a dyno.</summary>
    public static ProcessSpec Compose(DynoSpec dyno, DynoFiles files, int? port, string bash) => new()
    {
        Command = [bash, "--norc", "--noprofile", "-c", Script, "bash", dyno.Command],
        WorkingDirectory = files.App,
        Environment = Environment(dyno, files, port),
        UserId = dyno.UserId,
        Label = $"{dyno.AppName}/{dyno.Name}",
        Limits = new ProcessLimits(OpenFiles: OpenFiles),
    };

    private static ImmutableSortedDictionary<string, string> Environment(DynoSpec dyno, DynoFiles files, int? port)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        environment["LANG"] = "C.UTF-8";
        environment["TMPDIR"] = files.Temporary;
        foreach (var (name, value) in dyno.ConfigVars)
        {
            environment[name] = value;
        }

        environment["HOME"] = files.App;
        environment["PWD"] = files.App;
        environment["DYNO"] = dyno.Name.ToString();
        environment.Remove("PORT");
        if (port is { } number)
        {
            environment["PORT"] = number.ToString(CultureInfo.InvariantCulture);
        }

        return environment.ToImmutable();
    }
}
