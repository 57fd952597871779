using System.Globalization;

namespace PaaS.Runtime;

/// <summary>
/// The argument list between posix_spawn and the command. Everything in it is constant or comes from the platform; the
/// environment is empty until the last link, which already runs as the target user, reads it from descriptor 3.
/// <code>
/// [nice] -> [prlimit] -> [setpriv: app's uid, no new privileges] -> sh: cd, say ready, wait for the environment -> exec command
/// </code>
/// Each link replaces itself by the next, so the first process's id is the command's.
/// </summary>
internal static class StartScript
{
    /// <summary>What a shell says when it could not do what precedes the command.</summary>
    public const int NotStarted = 125;

    /// <summary>Where the launcher's own tools are, and where a command is looked up if its environment has no PATH.</summary>
    public const string SearchPath = "/usr/local/bin:/usr/bin:/bin";

    private const string Shell = "/bin/sh";

    // Plain POSIX, so that any /bin/sh will do. dash hands on every name untouched but OPTIND; a bash called sh keeps
    // some for itself, and assigning to those would end it: they are tried in a subshell first.
    // The environment arrives as lines: name, number of line breaks in the value, the value; an empty name ends it. When
    // the host dies half-way the empty name is missing, and the command doesn't run.
    private const string ReadEnvironment = """
        umask 022
        cd -- "$1" || exit 125
        shift
        unset -v PWD OLDPWD
        PATH=/usr/local/bin:/usr/bin:/bin
        __paas_break='
        '
        __paas_go=
        printf + >&3 || exit 125
        while IFS= read -r __paas_name; do
            if [ -z "$__paas_name" ]; then __paas_go=1; break; fi
            IFS= read -r __paas_more || break
            IFS= read -r __paas_value || break
            while [ "$__paas_more" -gt 0 ]; do
                IFS= read -r __paas_line || exit 125
                __paas_value=$__paas_value$__paas_break$__paas_line
                __paas_more=$((__paas_more - 1))
            done
            case $__paas_name in
            UID|EUID|PPID|OPTIND|SHELLOPTS|BASHOPTS|BASH_VERSINFO)
                (export "$__paas_name=$__paas_value") 2>/dev/null || continue ;;
            esac
            export "$__paas_name=$__paas_value"
        done <&3
        exec 3>&-
        [ -n "$__paas_go" ] || exit 125
        exec "$@"
        """;

    /// <summary>The names the script uses itself; an environment can't have them.</summary>
    public const string ReservedPrefix = "__paas_";

    /// <summary>Puts the argument list together.</summary>
    /// <exception cref="ProcessStartException">A tool it needs is missing.</exception>
    public static List<string> Compose(ProcessSpec spec)
    {
        var arguments = ComposeLimits(spec.Limits.Niceness, spec.Limits.OpenFiles, spec.Limits.FileSizeBytes, spec.UserId is null ? null : spec.Limits.Processes);
        if (spec.UserId is { } user)
        {
            arguments.AddRange(ComposeUser(user));
        }

        arguments.AddRange(ComposeLast(spec));
        return arguments;
    }

    /// <summary>The links that set what holds for each process.</summary>
    /// <param name="niceness">Niceness to add; 0 for none.</param>
    /// <param name="openFiles">Open descriptors.</param>
    /// <param name="fileSize">The size of a file in bytes.</param>
    /// <param name="processes">Processes. The kernel counts them per user: under the host's own user it would count the host's threads too.</param>
    /// <param name="noCore">Whether a process that crashes leaves no image of its memory, which would count as what it has written.</param>
    public static List<string> ComposeLimits(int niceness, int? openFiles, long? fileSize, int? processes, bool noCore = false)
    {
        var arguments = new List<string>();
        if (niceness != 0)
        {
            arguments.AddRange([Find("nice", "coreutils"), "-n", Number(niceness)]);
        }

        var limits = new List<string>();
        if (openFiles is { } files)
        {
            limits.Add("--nofile=" + Number(OpenFileLimit.Clamp(files)));
        }

        if (processes is { } most)
        {
            limits.Add("--nproc=" + Number(most));
        }

        if (fileSize is { } bytes)
        {
            limits.Add("--fsize=" + Number(bytes));
        }

        if (noCore)
        {
            limits.Add("--core=0");
        }

        if (limits.Count > 0)
        {
            arguments.Add(Find("prlimit", "util-linux"));
            arguments.AddRange(limits);
        }

        return arguments;
    }

    /// <summary>The link that becomes another user, for good.</summary>
    public static IEnumerable<string> ComposeUser(int user) =>
        [Find("setpriv", "util-linux"), "--reuid", Number(user), "--regid", Number(user), "--clear-groups", "--inh-caps=-all", "--no-new-privs"];

    /// <summary>The last link, and the command.</summary>
    public static IEnumerable<string> ComposeLast(ProcessSpec spec) => [Shell, "-c", ReadEnvironment, "paas", spec.WorkingDirectory, .. spec.Command];

    /// <summary>A tool's path.</summary>
    /// <exception cref="ProcessStartException">It is missing.</exception>
    public static string Find(string tool, string package) =>
        TryFind(tool) ?? throw new ProcessStartException($"The tool {tool} is not in {SearchPath}. Install the package {package}.");

    /// <summary>A tool's path; <see langword="null"/> if it is missing.</summary>
    public static string? TryFind(string tool) =>
        SearchPath.Split(':').Select(directory => Path.Combine(directory, tool)).FirstOrDefault(File.Exists);

    private static string Number(long value) => value.ToString(CultureInfo.InvariantCulture);
}
