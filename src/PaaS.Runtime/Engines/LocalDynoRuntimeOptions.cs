using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Runtime;

/// <summary>Settings of <see cref="LocalDynoRuntime"/>.</summary>
public sealed record LocalDynoRuntimeOptions
{
    /// <summary>
    /// Where each dyno gets a directory of its own, gone when it is gone, or where unpacked slugs are that dynos share. The engine's alone, and an absolute path. When
    /// dynos run under users of their own, these must be able to pass through every directory above it (mode o+x).
    /// </summary>
    public required string DynosDirectory { get; init; }

    /// <summary>The lowest port a dyno may be given, 1024 to 65535. Default 20000.</summary>
    public int LowestPort { get; init; } = 20_000;

    /// <summary>The highest port a dyno may be given, at least <see cref="LowestPort"/>. Default 29999: below the range that Linux takes for outgoing connections (32768 to 60999).</summary>
    public int HighestPort { get; init; } = 29_999;

    /// <summary>Where a dyno's memory limit is, as a multiple of its size's quota: over it processes of the dyno are killed (R15). Default 2, as Heroku; at least 1.</summary>
    public double MemoryLimit { get; init; } = 2;

    /// <summary>The most bytes that a dyno may write to its <c>/app</c> and <c>/tmp</c>, where the launcher watches that. Default 1 GiB; at least 1 MiB.</summary>
    public long DiskBytes { get; init; } = 1L << 30;

    /// <summary>How many unpacked slugs may be kept while no dyno uses them, those in use counted too; the one asked for last always stays. Used where dynos share unpacked slugs. Default 100; not negative.</summary>
    public int MaxUnpackedSlugs { get; init; } = 100;

    /// <summary>How many bytes of unpacked slugs may be kept, in the way of <see cref="MaxUnpackedSlugs"/>. Default 10 GiB; not negative.</summary>
    public long MaxUnpackedBytes { get; init; } = 10L << 30;

    /// <summary>The path of bash, which runs profile scripts and commands. Default /bin/bash.</summary>
    public string BashPath { get; init; } = "/bin/bash";

    /// <summary>For the operator: what could not be removed.</summary>
    public ILogger Logger { get; init; } = NullLogger.Instance;

    /// <summary>Chooses ports.</summary>
    public Random Random { get; init; } = Random.Shared;

    /// <summary>The clock of polling and of a port's rest between two dynos.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
