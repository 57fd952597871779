using System.CommandLine;
using PaaS.Core;
using PaaS.Hosting;
using PaaS.Runtime;

namespace PaaS.ReferenceHost;

/// <summary><c>doctor</c>: what this machine lets the platform enforce, and how to mend the rest.</summary>
internal sealed class DoctorCommand
{
    private const string SearchPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    private static readonly Language[] s_languages =
    [
        new("Ruby", ["ruby", "--version"], ["bundle"], "apt-get install ruby-dev bundler build-essential"),
        new("Node.js", ["node", "--version"], ["npm"], "apt-get install nodejs npm"),
        new("Python", ["python3", "--version"], ["pip3"], "apt-get install python3-venv python3-pip"),
        new("Java, Gradle, Scala, Clojure", ["javac", "--version"], [], "apt-get install default-jdk-headless; and maven, gradle, scala or leiningen, unless apps bring their wrappers"),
        new("PHP", ["php", "--version"], ["composer", "nginx"], "apt-get install php-fpm php-cli composer nginx-light"),
        new("Go", ["go", "version"], [], "apt-get install golang-go"),
        new(".NET", ["dotnet", "--version"], [], "Install the .NET SDK: https://dotnet.microsoft.com/download"),
        new("static sites", ["nginx", "-v"], [], "apt-get install nginx-light"),
    ];

    private readonly Option<DirectoryInfo?> _data = new("--data") { Description = "The data directory that up would use. Default: paas in the user's local data folder.", HelpName = "DIR" };
    private readonly Option<DirectoryInfo?> _work = new("--work") { Description = "The work directory that up would use. Default: below /var/lib/paas for root, else in the data directory.", HelpName = "DIR" };

    public static Command Create()
    {
        var doctor = new DoctorCommand();
        var command = new Command("doctor", "Says what this machine lets the platform enforce, found by trying, and how to mend what is missing. Exits 0 if nothing is, else 1.") { doctor._data, doctor._work };
        command.SetAction((parsed, cancellationToken) => doctor.RunAsync(parsed, cancellationToken));
        return command;
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var data = parsed.GetValue(_data)?.FullName ?? new PaaSOptions().DataDirectory;
        var work = parsed.GetValue(_work)?.FullName ?? (Environment.IsPrivilegedProcess ? "/var/lib/paas" : data);
        var checks = new DoctorChecks();
        await CheckIsolationAsync(checks, work, cancellationToken);
        if (OperatingSystem.IsLinux())
        {
            await CheckToolsAsync(checks, cancellationToken);
        }

        CheckDirectory(checks, "data directory", data, ownerOnly: true);
        CheckDirectory(checks, "work directory", work, ownerOnly: false);
        await Console.Out.WriteAsync(checks.ToString());
        return checks.MissingCount == 0 ? 0 : Failures.CannotStart;
    }

    /// <summary>Starts a sandbox where dynos would run: what the file system there can do is part of the question.</summary>
    private static async Task CheckIsolationAsync(DoctorChecks checks, string work, CancellationToken cancellationToken)
    {
        const string Group = "Isolation";
        try
        {
            var trial = Path.Combine(NearestDirectory(work), $".paas-doctor-{Guid.NewGuid():N}");
            _ = OperatingSystem.IsWindows() ? Directory.CreateDirectory(trial) : Directory.CreateDirectory(trial, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
            try
            {
                var (sandbox, report) = await SandboxLauncher.TryCreateAsync(
                    new SandboxLauncherOptions { RecordsDirectory = Path.Combine(trial, "records"), ScratchDirectory = Path.Combine(trial, "scratch") }, cancellationToken);
                await using (sandbox)
                {
                    foreach (var entry in report.Entries)
                    {
                        checks.Add(Group, Meaning(entry.Guarantee), entry.Held, $"{entry.WhyNot} {entry.Remedy}".Trim());
                    }
                }
            }
            finally
            {
                Directory.Delete(trial, recursive: true);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            checks.Missing(Group, "a trial of the sandbox", $"It could not be made in {work}: {e.Message}");
        }
    }

    private static async Task CheckToolsAsync(DoctorChecks checks, CancellationToken cancellationToken)
    {
        var records = Directory.CreateTempSubdirectory("paas-doctor-").FullName;
        try
        {
            await using var launcher = new PlainLauncher(records);
            await CheckToolAsync(checks, launcher, "git", "Pushes need it: apt-get install git.", cancellationToken);
            await CheckToolAsync(checks, launcher, "bash", "Dynos' commands are read by it: apt-get install bash.", cancellationToken);
            await CheckToolAsync(checks, launcher, "bwrap", "Without it dynos are not protected from each other: apt-get install bubblewrap, 0.8 or later.", cancellationToken);
            if (Environment.IsPrivilegedProcess)
            {
                await CheckToolAsync(checks, launcher, "nft", "Without it dynos have no network of their own: apt-get install nftables.", cancellationToken);
            }

            foreach (var language in s_languages)
            {
                await CheckLanguageAsync(checks, launcher, language, cancellationToken);
            }
        }
        finally
        {
            Directory.Delete(records, recursive: true);
        }
    }

    /// <summary>A tool that no app does without.</summary>
    private static async Task CheckToolAsync(DoctorChecks checks, PlainLauncher launcher, string tool, string remedy, CancellationToken cancellationToken)
    {
        try
        {
            var said = await VersionAsync(launcher, [tool, "--version"], cancellationToken);
            checks.Add("Tools", tool, said is not null, said ?? $"Not in {SearchPath}. {remedy}");
        }
        catch (ProcessStartException e)
        {
            checks.Missing("Tools", tool, e.Message);
        }
    }

    /// <summary>What builds and runs the apps of a language: the machine's own. Nobody needs all of them.</summary>
    private static async Task CheckLanguageAsync(DoctorChecks checks, PlainLauncher launcher, Language language, CancellationToken cancellationToken)
    {
        const string Group = "Languages";
        string? version = null;
        try
        {
            version = await VersionAsync(launcher, language.Version, cancellationToken);
        }
        catch (ProcessStartException)
        {
            // As good as none: what follows says so.
        }

        string[] missing = [.. version is null ? [language.Version[0]] : Array.Empty<string>(), .. language.BesideIt.Where(static tool => !SearchPath.Split(':').Any(directory => File.Exists(Path.Combine(directory, tool))))];
        if (missing.Length == 0)
        {
            checks.Add(Group, language.Name, true, version!);
        }
        else
        {
            checks.Optional(Group, language.Name, $"Not in {SearchPath}: {string.Join(", ", missing)}. {language.Remedy}");
        }
    }

    /// <summary>Asks a tool for its version, the way the platform starts it; null if it is not there.</summary>
    private static async Task<string?> VersionAsync(PlainLauncher launcher, string[] command, CancellationToken cancellationToken)
    {
        var spec = new ProcessSpec { Command = [.. command], WorkingDirectory = "/", Label = $"doctor/{command[0]}" };
        await using var process = await launcher.StartAsync(spec with { Environment = spec.Environment.Add("PATH", SearchPath) }, cancellationToken);
        using var reader = new StreamReader(process.Output);
        var said = await reader.ReadLineAsync(cancellationToken);
        return (await process.Exited.WaitAsync(cancellationToken)).Succeeded ? said?.Trim() ?? string.Empty : null;
    }

    private static void CheckDirectory(DoctorChecks checks, string what, string path, bool ownerOnly)
    {
        try
        {
            var existing = NearestDirectory(path);
            var trial = Path.Combine(existing, $".paas-doctor-{Guid.NewGuid():N}");
            File.WriteAllText(trial, string.Empty);
            File.Delete(trial);
            if (existing != path)
            {
                checks.Add("Directories", what, true, $"{path} will be made in {existing}");
                return;
            }

            var mode = OperatingSystem.IsWindows() ? UnixFileMode.None : File.GetUnixFileMode(path);
            const UnixFileMode Others = (UnixFileMode)0b111_111;
            if (ownerOnly && (mode & Others) != 0)
            {
                checks.Missing("Directories", what, $"{path} can be entered or read by others: chmod 700 {path}");
            }
            else
            {
                checks.Add("Directories", what, true, path);
            }
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            checks.Missing("Directories", what, $"{path} cannot be written: {e.Message} Give it to this user, or name another.");
        }
    }

    /// <summary>The directory itself, or the nearest one above it that exists.</summary>
    private static string NearestDirectory(string path)
    {
        var directory = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        while (!Directory.Exists(directory))
        {
            directory = Path.GetDirectoryName(directory) ?? "/";
        }

        return directory;
    }

    private static string Meaning(ProcessIsolation guarantee) => guarantee switch
    {
        ProcessIsolation.Users => "each app has a user of its own",
        ProcessIsolation.Processes => "a dyno sees no process but its own",
        ProcessIsolation.Files => "a dyno sees no file but its own",
        ProcessIsolation.Network => "a dyno has a network of its own",
        ProcessIsolation.Memory => "memory is limited",
        ProcessIsolation.Cpu => "processors are shared by size",
        ProcessIsolation.ProcessCount => "the number of processes is limited",
        ProcessIsolation.Disk => "disk use is limited",
        ProcessIsolation.SystemCalls => "dangerous system calls are refused",
        ProcessIsolation.Tree => "nothing of a dyno can stay behind",
        ProcessIsolation.DiesWithHost => "dynos end when the host ends",
        _ => guarantee.ToString(),
    };

    private sealed record Language(string Name, string[] Version, string[] BesideIt, string Remedy);
}
