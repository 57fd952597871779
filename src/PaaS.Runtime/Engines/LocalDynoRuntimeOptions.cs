namespace PaaS.Runtime;

/// <summary>Settings of <see cref="LocalDynoRuntime"/>.</summary>
public sealed record LocalDynoRuntimeOptions
{
    /// <summary>
    /// Where each dyno gets a directory of its own, gone when it is gone. The engine's alone, and an absolute path. When
    /// dynos run under users of their own, these must be able to pass through every directory above it (mode o+x).
    /// </summary>
    public required string DynosDirectory { get; init; }

    /// <summary>The lowest port a dyno may be given, 1024 to 65535. Default 20000.</summary>
    public int LowestPort { get; init; } = 20_000;

    /// <summary>The highest port a dyno may be given, at least <see cref="LowestPort"/>. Default 29999: below the range that Linux takes for outgoing connections (32768 to 60999).</summary>
    public int HighestPort { get; init; } = 29_999;

    /// <summary>The path of bash, which runs profile scripts and commands. Default /bin/bash.</summary>
    public string BashPath { get; init; } = "/bin/bash";

    /// <summary>Chooses ports.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>The clock of polling and of a port's rest between two dynos.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
