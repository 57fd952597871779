using System.Collections.Immutable;
using System.CommandLine;
using System.Runtime.InteropServices;
using System.Text;
using PaaS.Core;
using PaaS.Runtime;

namespace PaaS.ReferenceHost;

/// <summary><c>local [TYPE[=N],...]</c>: a Procfile on the developer's machine, as <c>heroku local</c> runs it.</summary>
internal sealed class LocalCommand
{
    private readonly Argument<string?> _types = new("TYPES") { Description = "Process types, such as web or web=2,worker. Default: every type of the Procfile but release.", Arity = ArgumentArity.ZeroOrOne };
    private readonly Option<FileInfo> _procfile = new("--procfile", "-f") { Description = "The Procfile.", HelpName = "FILE", DefaultValueFactory = _ => new FileInfo("Procfile") };
    private readonly Option<int?> _port = new("--port", "-p") { Description = $"The base port. Default: PORT of the env file, else of the environment, else {LocalRunOptions.DefaultPort}.", HelpName = "PORT" };
    private readonly Option<string?> _env = new("--env", "-e") { Description = "Files of variables, separated by commas; a later one wins. Default: .env if it is there.", HelpName = "FILES" };
    private readonly Option<string?> _concurrency = new("--concurrency", "-c") { Description = "How many processes of each type: web=2,worker=1.", HelpName = "TYPE=N,..." };

    public static Command Create()
    {
        var local = new LocalCommand();
        var command = new Command("local", "Runs the app in this directory from its Procfile, with the variables of .env. Ctrl-C ends it, a second Ctrl-C kills.") { local._types, local._procfile, local._port, local._env, local._concurrency };
        command.SetAction((parsed, cancellationToken) => local.ReportAsync(parsed, cancellationToken));
        return command;
    }

    private async Task<int> ReportAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(parsed, cancellationToken);
        }
        catch (Exception e) when (e is LocalRunException or FormatException or UsageException)
        {
            await Console.Error.WriteLineAsync($"[FAIL] {e.Message}");
            return Failures.WrongUsage;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException or PlatformNotSupportedException)
        {
            await Console.Error.WriteLineAsync($"[FAIL] {e.Message}");
            return Failures.CannotStart;
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var procfile = await ReadProcfileAsync(parsed.GetRequiredValue(_procfile), cancellationToken);
        var runner = new LocalRunner(new LocalRunOptions
        {
            Procfile = procfile,
            Processes = ProcessesOf(procfile, parsed.GetValue(_types), parsed.GetValue(_concurrency)),
            Port = parsed.GetValue(_port),
            Variables = await ReadVariablesAsync(parsed.GetValue(_env), cancellationToken),
            Colors = UseColors,
        });

        using var interrupt = Catch(PosixSignal.SIGINT, ProcessSignal.Interrupt, runner);
        using var terminate = Catch(PosixSignal.SIGTERM, ProcessSignal.Terminate, runner);
        using var hangUp = Catch(PosixSignal.SIGHUP, ProcessSignal.HangUp, runner);
        return await runner.RunAsync(cancellationToken);
    }

    private static PosixSignalRegistration Catch(PosixSignal signal, ProcessSignal passedOn, LocalRunner runner) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        runner.Stop(passedOn);
    });

    /// <summary>Only a terminal gets colours, and only of a user who has not declined them (no-color.org).</summary>
    private static bool UseColors =>
        !Console.IsOutputRedirected && Environment.GetEnvironmentVariable("NO_COLOR") is null or "" && Environment.GetEnvironmentVariable("TERM") != "dumb";

    private static async Task<Procfile> ReadProcfileAsync(FileInfo file, CancellationToken cancellationToken)
    {
        if (!file.Exists)
        {
            throw new UsageException($"There is no {file.FullName}. Write one, a line per process type such as 'web: node server.js', or name another file with -f.");
        }

        using var reader = file.OpenText();
        var text = new char[Procfile.MaxBytes + 1];
        var length = await reader.ReadBlockAsync(text, cancellationToken);
        var procfile = Procfile.Parse(new string(text, 0, length));
        foreach (var warning in procfile.Diagnostics.Where(static d => !d.IsError))
        {
            await Console.Error.WriteLineAsync($"[WARN] {file}({warning.Line},{warning.Column}): {warning.Message}");
        }

        return procfile;
    }

    private static ImmutableArray<LocalProcessCount> ProcessesOf(Procfile procfile, string? types, string? concurrency)
    {
        ImmutableArray<LocalProcessCount> asked = types is null
            ? [.. procfile.Where(static e => e.Type != ProcessType.Release).Select(static e => new LocalProcessCount(e.Type, 1))]
            : LocalProcessCount.ParseList(types);
        if (concurrency is null)
        {
            return asked;
        }

        var quantities = LocalProcessCount.ParseList(concurrency);
        var unknown = quantities.FirstOrDefault(count => asked.All(other => other.Type != count.Type));
        return unknown == default
            ? [.. asked.Select(count => quantities.FirstOrDefault(other => other.Type == count.Type) is { } own && own != default ? own : count)]
            : throw new UsageException($"--concurrency {unknown}: {unknown.Type} is not among the process types to run: {string.Join(", ", asked.Select(static c => c.Type))}.");
    }

    private static async Task<ImmutableSortedDictionary<string, string>> ReadVariablesAsync(string? files, CancellationToken cancellationToken)
    {
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        foreach (var path in (files ?? ".env").Split(',', StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries))
        {
            if (!File.Exists(path))
            {
                if (files is not null)
                {
                    await Console.Error.WriteLineAsync($"[WARN] There is no file {path}");
                }

                continue;
            }

            foreach (var (name, value) in (await ReadAsync(path, cancellationToken)).Variables)
            {
                variables[name] = value;
            }
        }

        return variables.ToImmutable();
    }

    private static async Task<EnvFile> ReadAsync(string path, CancellationToken cancellationToken)
    {
        try
        {
            var file = await EnvFile.ReadAsync(path, cancellationToken);
            await Console.Out.WriteLineAsync($"[OKAY] Loaded ENV {path} File as {(file.IsJson ? "JSON" : "KEY=VALUE")} Format");
            foreach (var name in file.Ignored)
            {
                await Console.Error.WriteLineAsync($"[WARN] {path}: {Shown(name)} is left out: a variable has letters, digits and _ in its name, no digit first, and no NUL in its value");
            }

            return file;
        }
        catch (FormatException e)
        {
            throw new UsageException($"{path}: {e.Message}");
        }
    }

    private static string Shown(string name)
    {
        var text = new StringBuilder();
        foreach (var c in name.Take(60))
        {
            text.Append(char.IsControl(c) ? '?' : c);
        }

        return $"'{text}'";
    }
}
