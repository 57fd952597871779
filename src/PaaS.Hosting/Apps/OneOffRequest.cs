using System.Diagnostics.CodeAnalysis;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>A one-off dyno that somebody wants of an app's current release.</summary>
public sealed record OneOffRequest
{
    /// <summary>
    /// What it runs, one text for the shell inside the dyno, at most 32,768 bytes. If its first word is one of the slug's process
    /// types, that type's command takes its place.
    /// </summary>
    public required string Command { get; init; }

    /// <summary>What it is called before the dot: <c>run</c>, which is the default, or one of the slug's process types but <c>web</c> and <c>release</c>.</summary>
    public ProcessType? Type { get; init; }

    /// <summary>Its size.</summary>
    public DynoSize Size { get; init; }

    /// <summary>Variables beside the config vars, which they override.</summary>
    public ConfigVars Env { get; init; } = ConfigVars.Empty;

    /// <summary>How long it may live, a second to 24 hours; <see langword="null"/> for <see cref="OneOffOptions.LongestLife"/>.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>What its input and output are connected to: the log by default. For the others call <see cref="OneOffDyno.Attach"/> soon.</summary>
    public DynoStreams Streams { get; init; }

    /// <summary>The size of its terminal at the start, if it has one.</summary>
    public TerminalSize Terminal { get; init; } = TerminalSize.Default;

    internal static ProcessType RunType { get; } = ProcessType.Parse("run");

    internal static ProcessType SchedulerType { get; } = ProcessType.Parse("scheduler");

    /// <summary>The command, with a process type's name at its beginning replaced by that type's command.</summary>
    internal static string Resolve(string command, Slug slug)
    {
        var text = command.TrimStart(' ', '\t');
        var end = text.AsSpan().IndexOfAny(" \t\r\n");
        return ProcessType.TryParse(end < 0 ? text : text[..end], null, out var type) && slug.ProcessTypes.TryGetValue(type, out var known)
            ? end < 0 ? known : known + text[end..]
            : command;
    }

    /// <summary>Turns the request into what is started, if the app can.</summary>
    internal bool TryMakeSpec(App app, [NotNullWhen(true)] out OneOffSpec? spec, [NotNullWhen(false)] out Refusal? refusal)
    {
        spec = null;
        if (app.Current is not { Slug: { } slug } release)
        {
            refusal = new Refusal(RefusalCode.Invalid, "The app has no code to run yet. Deploy first.");
            return false;
        }

        var type = Type ?? RunType;
        var command = Resolve(Command, slug);
        var problem = ScheduledJob.FindCommandProblem(Command) ?? ScheduledJob.FindCommandProblem(command)
            ?? (type != RunType && (type == ProcessType.Web || type == ProcessType.Release || !slug.ProcessTypes.ContainsKey(type))
                ? $"A one-off dyno cannot be of type '{type}'. Use run, or one of the app's process types other than web and release." : null)
            ?? (TimeToLive is { } life && (life < TimeSpan.FromSeconds(1) || life > TimeSpan.FromHours(24)) ? "The time to live is 1 second to 24 hours." : null)
            ?? (Env.SizeInBytes > ConfigVars.MaxBytes ? $"The variables have {Env.SizeInBytes:N0} bytes, names and values together; at most {ConfigVars.MaxBytes:N0} are allowed. Set fewer." : null);
        if (problem is not null)
        {
            refusal = new Refusal(RefusalCode.Invalid, problem);
            return false;
        }

        refusal = null;
        spec = new OneOffSpec
        {
            Type = type,
            Release = new RunningRelease(release.Version, slug, release.ConfigVars),
            Command = command,
            Size = Size,
            ExtraVars = Env,
            Streams = Streams,
            Terminal = Terminal,
            TimeToLive = TimeToLive,
        };
        return true;
    }
}
