using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>What <see cref="LocalRunner"/> runs, and with what. The defaults are those of <c>heroku local</c>.</summary>
public sealed record LocalRunOptions
{
    /// <summary>The base port where nothing names one: 5006 (Heroku CLI 11).</summary>
    public const int DefaultPort = 5006;

    /// <summary>The smallest base port: 1024.</summary>
    public const int MinPort = 1024;

    /// <summary>The app's Procfile.</summary>
    public required Procfile Procfile { get; init; }

    /// <summary>Where its processes start. Default: the current directory.</summary>
    public string Directory { get; init; } = System.Environment.CurrentDirectory;

    /// <summary>Which types to run and how many of each, in the order that gives the ports. Default: every type of the Procfile but <c>release</c>, once.</summary>
    public ImmutableArray<LocalProcessCount> Processes { get; init; } = [];

    /// <summary>The base port, <see cref="MinPort"/> to 65,535. Process j of the k-th type, both from 0, gets base + 100 k + j. Default: <c>PORT</c> of <see cref="Variables"/>, else of <see cref="Environment"/>, else <see cref="DefaultPort"/>.</summary>
    public int? Port { get; init; }

    /// <summary>The variables of the app, from its <see cref="EnvFile"/>. They win over <see cref="Environment"/>.</summary>
    public ImmutableSortedDictionary<string, string> Variables { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>The environment around the app. Default: this process's own. Variables whose names no shell can hold are left out.</summary>
    public IReadOnlyDictionary<string, string>? Environment { get; init; }

    /// <summary>How long processes have to end after the signal, before everything that is left is killed. Default: 5 s (<c>heroku local</c> waits for ever, foreman 5 s).</summary>
    public TimeSpan Grace { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Whether names are coloured. Default: no.</summary>
    public bool Colors { get; init; }

    /// <summary>Where the processes' lines go. Default: standard output.</summary>
    public Stream? Output { get; init; }

    /// <summary>Where the runner's own warnings go. Default: standard error.</summary>
    public Stream? Error { get; init; }

    /// <summary>Where runners of this user record what they run, each in a directory of its own. Default: <c>paas/local</c> in the user's state directory.</summary>
    public string? StateDirectory { get; init; }

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
