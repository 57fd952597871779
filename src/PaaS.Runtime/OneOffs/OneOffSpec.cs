namespace PaaS.Runtime;

/// <summary>A one-off dyno that somebody wants: <c>run.1234</c>, <c>release.1234</c> or <c>scheduler.1234</c>.</summary>
public sealed record OneOffSpec
{
    /// <summary>What it runs: <c>run</c>, <c>release</c> or <c>scheduler</c>, or a process type's name. The number is drawn.</summary>
    public required ProcessType Type { get; init; }

    /// <summary>The release whose slug and config vars it gets.</summary>
    public required RunningRelease Release { get; init; }

    /// <summary>The command, one text for <c>bash -c</c> inside the dyno.</summary>
    public required string Command { get; init; }

    /// <summary>Its size.</summary>
    public DynoSize Size { get; init; }

    /// <summary>Variables beside the release's config vars, which they override.</summary>
    public ConfigVars ExtraVars { get; init; } = ConfigVars.Empty;

    /// <summary>What its input and output are connected to. Attached ones must be connected to within <see cref="OneOffOptions.AttachTimeout"/> (R13).</summary>
    public DynoStreams Streams { get; init; }

    /// <summary>The size of its terminal at the start.</summary>
    public TerminalSize Terminal { get; init; } = TerminalSize.Default;

    /// <summary>How long it may live, more than zero and no longer than <see cref="OneOffOptions.LongestLife"/>, which it gets for <see langword="null"/>.</summary>
    public TimeSpan? TimeToLive { get; init; }

    /// <summary>Where its output goes besides the log, line by line, as for a release's output; <see langword="null"/> for nowhere else.</summary>
    public LogStream? Output { get; init; }

    internal void Validate()
    {
        if (Type == default)
        {
            throw new ArgumentException($"{nameof(Type)} is missing: give 'run', 'release', 'scheduler' or a process type.");
        }

        if (string.IsNullOrWhiteSpace(Command) || Command.Contains('\0', StringComparison.Ordinal))
        {
            throw new ArgumentException($"{nameof(Command)} is empty or holds a NUL character. Give what bash is to run, such as 'rake db:migrate'.");
        }

        if (!Enum.IsDefined(Streams) || (Streams == DynoStreams.Terminal && (Terminal.Columns == 0 || Terminal.Rows == 0)))
        {
            throw new ArgumentException($"A terminal of {Terminal.Columns} columns and {Terminal.Rows} rows is none, or {nameof(Streams)} is no known way. Both are 1 to 65,535.");
        }

        if (TimeToLive <= TimeSpan.Zero)
        {
            throw new ArgumentException($"{nameof(TimeToLive)} is more than zero; got {TimeToLive}.");
        }
    }
}
