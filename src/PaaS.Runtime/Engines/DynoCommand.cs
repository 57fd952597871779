using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Runtime;

/// <summary>How a dyno's command is run and what it finds around it.</summary>
internal static class DynoCommand
{
    /// <summary>Open files per process (Heroku: 10,000).</summary>
    private const int OpenFiles = 10_000;

    /// <summary>What a sandbox itself needs of a dyno's processes.</summary>
    private const int SandboxProcesses = 8;

    /// <summary>The longest host name that Linux takes.</summary>
    private const int MaxHostName = 63;

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
    public static ProcessSpec Compose(DynoSpec dyno, DynoHome home, int? port, ProcessIsolation isolation, LocalDynoRuntimeOptions options) => new()
    {
        Command = [options.BashPath, "--norc", "--noprofile", "-c", Script, "bash", dyno.Command],
        WorkingDirectory = home.App,
        Environment = Environment(dyno, home, port),
        UserId = dyno.UserId,
        Label = $"{dyno.AppName}/{dyno.Name}",
        RedirectInput = dyno.Streams == DynoStreams.Pipes,
        Terminal = dyno.Streams == DynoStreams.Terminal ? dyno.Terminal : null,
        Mounts = home.Mounts,
        HostName = HostName(dyno.Name),
        Network = isolation.HasFlag(ProcessIsolation.Network) ? ProcessNetwork.Own : ProcessNetwork.Host,
        Limits = Limits(dyno.Size, isolation, options),
    };

    /// <summary>What a dyno's host is called: <c>web-1</c> for <c>web.1</c>.</summary>
    public static string HostName(DynoName name)
    {
        var text = name.ToString().Replace('.', '-').Replace('_', '-');
        return (text.Length > MaxHostName ? text[^MaxHostName..] : text).TrimStart('-');
    }

    private static ProcessLimits Limits(DynoSize size, ProcessIsolation isolation, LocalDynoRuntimeOptions options) => new(
        OpenFiles: OpenFiles,
        // Where it does not hold for the tree it holds for the user, and one dyno would take from another of its app.
        Processes: isolation.HasFlag(ProcessIsolation.ProcessCount) ? size.Processes + SandboxProcesses : null,
        MemoryBytes: (long)(size.MemoryBytes * options.MemoryLimit),
        CpuShares: size.CpuShares,
        DiskBytes: options.DiskBytes);

    private static ImmutableSortedDictionary<string, string> Environment(DynoSpec dyno, DynoHome home, int? port)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        environment["PATH"] = "/usr/local/bin:/usr/bin:/bin";
        environment["LANG"] = "C.UTF-8";
        environment["TMPDIR"] = home.Temporary;

        // In MiB. From here scripts of buildpacks know how many processes fit in (WEB_CONCURRENCY): a sandbox shows no cgroup.
        environment["MEMORY_AVAILABLE"] = (dyno.Size.MemoryBytes >> 20).ToString(CultureInfo.InvariantCulture);
        foreach (var (name, value) in dyno.ConfigVars)
        {
            environment[name] = value;
        }

        environment["HOME"] = home.App;
        environment["PWD"] = home.App;
        environment["DYNO"] = dyno.Name.ToString();
        environment.Remove("PORT");
        if (port is { } number)
        {
            environment["PORT"] = number.ToString(CultureInfo.InvariantCulture);
        }

        return environment.ToImmutable();
    }
}
