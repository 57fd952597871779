using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>All that an engine needs to start one dyno.</summary>
public sealed record DynoSpec
{
    /// <summary>This one start of this dyno; two starts of <c>web.1</c> differ in it.</summary>
    public required Guid Id { get; init; }

    /// <summary>The app.</summary>
    public required AppId App { get; init; }

    /// <summary>The app's name, for the operator's eyes.</summary>
    public required AppName AppName { get; init; }

    /// <summary>The dyno's name, <c>web.1</c>.</summary>
    public required DynoName Name { get; init; }

    /// <summary>The release it runs.</summary>
    public required ReleaseVersion Release { get; init; }

    /// <summary>The slug it runs.</summary>
    public required SlugId Slug { get; init; }

    /// <summary>The directory of the slug that is its home and working directory; <see langword="null"/> for the root.</summary>
    public SourcePath? AppDirectory { get; init; }

    /// <summary>The command, one text for <c>bash -c</c> inside the dyno, as the Procfile has it.</summary>
    public required string Command { get; init; }

    /// <summary>The release's config vars. The engine adds <c>PORT</c>, <c>DYNO</c>, <c>HOME</c> and <c>PATH</c>; PORT and DYNO win over a config var of that name.</summary>
    public required ConfigVars ConfigVars { get; init; }

    /// <summary>Whether it takes requests and so gets a <c>PORT</c>.</summary>
    public required bool Listens { get; init; }

    /// <summary>Its size.</summary>
    public required DynoSize Size { get; init; }

    /// <summary>The app's own user id; <see langword="null"/> runs it as the host's user.</summary>
    public int? UserId { get; init; }

    /// <summary>Where its output goes, unless it is attached.</summary>
    public required LogStream Logs { get; init; }

    /// <summary>More logs that get each line of its output, unless it is attached: a release's output, the last lines of a one-off.</summary>
    public ImmutableArray<LogStream> Copies { get; init; } = [];

    /// <summary>What its input and output are connected to.</summary>
    public DynoStreams Streams { get; init; }

    /// <summary>The size of its terminal at the start, if it has one.</summary>
    public TerminalSize Terminal { get; init; } = TerminalSize.Default;
}

/// <summary>What a dyno's input and output are connected to.</summary>
public enum DynoStreams
{
    /// <summary>No input; output goes to the app's log.</summary>
    Log,

    /// <summary>To <see cref="IDyno.Attachment"/>, byte by byte; standard error goes with the output.</summary>
    Pipes,

    /// <summary>To <see cref="IDyno.Attachment"/>, through a terminal.</summary>
    Terminal,
}
