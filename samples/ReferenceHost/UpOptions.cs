using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;
using PaaS.Hosting;
using PaaS.Runtime;

namespace PaaS.ReferenceHost;

/// <summary>The options of <c>up</c>.</summary>
internal sealed class UpOptions
{
    /// <summary>The environment variable that can hold the token; it stands in no process listing.</summary>
    public const string TokenVariable = "PAAS_TOKEN";

    private const string DefaultBackoff = "default";
    private const string HerokuBackoff = "heroku";
    private const int MostCycle = 20 * 24 * 3600;

    public Option<int> Port { get; } = PortOption("--port", "The port of the API and of git. Default: 5000.", 5000);

    public Option<DirectoryInfo?> Data { get; } = new("--data") { Description = "The data directory. Default: paas in the user's local data folder.", HelpName = "DIR" };

    public Option<DirectoryInfo?> Work { get; } = new("--work") { Description = "Where builds and dynos run. Default: below /var/lib/paas for root, else in the data directory.", HelpName = "DIR" };

    public Option<string?> Token { get; } = new("--token") { Description = $"The operator's token. Others on this machine can read it in the process listing: prefer --token-file or {TokenVariable}.", HelpName = "T" };

    public Option<FileInfo?> TokenFile { get; } = new("--token-file") { Description = "A file whose first line is the operator's token.", HelpName = "F" };

    public Option<FileInfo?> ReadyFile { get; } = new("--ready-file") { Description = "Written once everything answers: a line of JSON with the addresses and the token's file.", HelpName = "F" };

    public Option<int> BootTimeout { get; } = SecondsOption("--boot-timeout", 60, 1, "How many seconds a web dyno may take until it listens on its port. Default: 60, as on Heroku.");

    public Option<int> StopGrace { get; } = SecondsOption("--stop-grace", 30, 0, "How many seconds a dyno may take from SIGTERM until it has ended. Default: 30, as on Heroku.");

    public Option<int> CycleAfter { get; } = CycleAfterOption();

    public Option<string> Backoff { get; } = BackoffOption();

    public Option<IsolationMode> Isolation { get; } = new("--isolation") { Description = "preferred (the default): sandboxes where this machine can make them. required: refuses to start without all of it. none: plain processes. See doctor.", HelpName = "MODE" };

    public Option<double?> FreeHours { get; } = FreeHoursOption();

    public Option<string[]> OutboundAllow { get; } = new("--outbound-allow") { Description = "A place that apps' URLs (sources, buildpacks, error pages) may lead to although it is not on the public internet: a host name, an address, or a network such as 10.1.0.0/16. Can be given more than once.", HelpName = "PLACE" };

    /// <summary>Those about the router.</summary>
    public UpRouterOptions Router { get; } = new();

    /// <summary>Those about builds and slugs.</summary>
    public UpBuildOptions Builds { get; } = new();

    /// <summary>All of them.</summary>
    public IEnumerable<Option> All => [Port, .. Router.All, Data, Work, Token, TokenFile, ReadyFile, BootTimeout, StopGrace, CycleAfter, Backoff, Isolation, FreeHours, OutboundAllow, .. Builds.All];

    /// <summary>Puts what was given into the platform's options.</summary>
    public void Apply(ParseResult parsed, PaaSOptions o)
    {
        o.Api.Port = parsed.GetValue(Port);
        o.DataDirectory = parsed.GetValue(Data)?.FullName ?? o.DataDirectory;
        o.WorkDirectory = parsed.GetValue(Work)?.FullName;
        o.ReadyFile = parsed.GetValue(ReadyFile)?.FullName;
        o.Isolation = parsed.GetValue(Isolation);
        o.FreeHours = parsed.GetValue(FreeHours) is { } hours ? TimeSpan.FromHours(hours) : null;
        Router.Apply(parsed, o);
        Builds.Apply(parsed, o);
        foreach (var place in parsed.GetValue(OutboundAllow) ?? [])
        {
            o.OutboundAllowList.Add(place);
        }

        o.Supervisor = o.Supervisor with
        {
            BootTimeout = TimeSpan.FromSeconds(parsed.GetValue(BootTimeout)),
            StopGrace = TimeSpan.FromSeconds(parsed.GetValue(StopGrace)),
            RestartBackoff = parsed.GetValue(Backoff) == HerokuBackoff ? RestartBackoff.Heroku : RestartBackoff.Default,
        };
        if (parsed.GetValue(CycleAfter) is > 0 and var seconds)
        {
            // A tenth, so that dynos which started together part and a short life stays one.
            o.Supervisor = o.Supervisor with { CycleAfter = TimeSpan.FromSeconds(seconds), CycleSpread = TimeSpan.FromSeconds(seconds / 10.0) };
        }
    }

    /// <summary>The token from the command line, the file or the environment; null if the platform shall make one.</summary>
    public async Task<string?> ReadTokenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var token = parsed.GetValue(Token);
        var file = parsed.GetValue(TokenFile);
        if (file is null)
        {
            return token ?? Environment.GetEnvironmentVariable(TokenVariable) switch { null or "" => null, var value => value };
        }

        if (token is not null)
        {
            throw new UsageException("--token and --token-file cannot be used together: leave one out.");
        }

        if (!file.Exists)
        {
            throw new UsageException($"--token-file: there is no file {file.FullName}.");
        }

        using var reader = file.OpenText();
        return await reader.ReadLineAsync(cancellationToken) is { Length: > 0 } line
            ? line.Trim()
            : throw new UsageException($"--token-file: the first line of {file.FullName} is empty.");
    }

    /// <summary>An option whose value is a port.</summary>
    public static Option<int> PortOption(string name, string description, int port)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "PORT", DefaultValueFactory = _ => port };
        option.Validators.Add(CheckPort);
        return option;
    }

    /// <summary>Refuses what is no port.</summary>
    public static void CheckPort(OptionResult result)
    {
        if (result.Tokens is [var text] && !ushort.TryParse(text.Value, out _))
        {
            result.AddError($"{result.Option.Name} {text.Value}: a port is a number from 1 to 65535, or 0 for any free one.");
        }
    }

    private static Option<int> SecondsOption(string name, int seconds, int least, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "SECONDS", DefaultValueFactory = _ => seconds };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(ushort.TryParse(text.Value, out var given) && given >= least && given <= 3600))
            {
                result.AddError($"{name} {text.Value}: a number of seconds from {least} to 3600.");
            }
        });
        return option;
    }

    private static Option<int> CycleAfterOption()
    {
        var option = new Option<int>("--cycle-after") { Description = "How many seconds a dyno lives, and up to a tenth more, before another one takes its place. Default: 24 hours and up to 216 minutes more, as on Heroku.", HelpName = "SECONDS" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var given) && given is >= 1 and <= MostCycle))
            {
                result.AddError($"--cycle-after {text.Value}: a number of seconds from 1 to {MostCycle} (20 days).");
            }
        });
        return option;
    }

    private static Option<string> BackoffOption()
    {
        var option = new Option<string>("--backoff") { Description = "How long a dyno that crashes again waits for its next start. default: 10 seconds, then twice as long each time up to 10 minutes. heroku: 10 minutes up to 24 hours.", HelpName = "PRESET", DefaultValueFactory = _ => DefaultBackoff };
        option.AcceptOnlyFromAmong(DefaultBackoff, HerokuBackoff);
        return option;
    }

    private static Option<double?> FreeHoursOption()
    {
        var option = new Option<double?>("--free-hours") { Description = "How many hours the dynos of size Eco of all apps may run together in a month; then they sleep until the next. Default: no limit.", HelpName = "HOURS" };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(double.TryParse(text.Value, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out var hours) && hours is >= 0 and <= 1_000_000))
            {
                result.AddError($"--free-hours {text.Value}: a number of hours from 0 to 1000000.");
            }
        });
        return option;
    }
}
