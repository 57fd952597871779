namespace PaaS.Runtime;

/// <summary>The times and numbers by which a <see cref="DynoSupervisor"/> works.</summary>
public sealed record SupervisorOptions
{
    /// <summary>After how long SIGKILL is sent again to what still runs.</summary>
    internal static readonly TimeSpan KillInterval = TimeSpan.FromSeconds(10);

    /// <summary>How long routers have to end the requests of a dyno whose time to drain is over. They do it at once; a router that does not must not keep the dyno.</summary>
    internal static readonly TimeSpan ExpiryTime = TimeSpan.FromSeconds(1);

    /// <summary>How long the engine may take to prepare and start a dyno. Then the start is given up and has failed (R99), for one-off dynos too. Default 5 min; more than zero, at most an hour.</summary>
    public TimeSpan LaunchTimeout { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>How long a web dyno may take from its launch until it listens on its port (R10). Default 60 s, as Heroku; more than zero, at most an hour.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a dyno may take from SIGTERM until it has ended (R12). Default 30 s, as Heroku; zero to an hour.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a web dyno that has left the route table may go on with the requests and WebSockets it has. Then routers end them (H24), and it gets its SIGTERM. Default 30 s, the time in which a first byte has to come (H12); zero to an hour.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>When a crashed dyno is started again. Default <see cref="RestartBackoff.Default"/>.</summary>
    public RestartBackoff RestartBackoff { get; init; } = RestartBackoff.Default;

    /// <summary>How often dynos are measured: their memory (R14, R15) and, once a minute, the use of their endpoints. Default 20 s, as Heroku; a second to an hour.</summary>
    public TimeSpan MeasureInterval { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>How many times its quota (<see cref="DynoSize.MemoryBytes"/>) a dyno's memory may be before it is killed (R15). Default 2, as Heroku; 1 to 100.</summary>
    public double MemoryKillFactor { get; init; } = 2;

    /// <summary>How long a dyno lives before another one takes its place, by the swap procedure. Default 24 h, as Heroku; a second to 20 days, or <see langword="null"/> for ever.</summary>
    public TimeSpan? CycleAfter { get; init; } = TimeSpan.FromHours(24);

    /// <summary>The most that is added to <see cref="CycleAfter"/>, by chance, so that dynos are not cycled together. Default 216 min, as Heroku; zero to 20 days.</summary>
    public TimeSpan CycleSpread { get; init; } = TimeSpan.FromMinutes(216);

    /// <summary>After how long without a request the dynos of an app sleep whose web dynos are of a size that <see cref="DynoSize.Sleeps"/>. Default 30 min, as Heroku; a minute to 20 days, or <see langword="null"/> for never.</summary>
    public TimeSpan? IdleAfter { get; init; } = TimeSpan.FromMinutes(30);

    /// <summary>How many of its last lines a failing dyno's verdict carries. Default 50, 0 to 1,000.</summary>
    public int FailingLines { get; init; } = 50;

    internal void Validate()
    {
        Check(LaunchTimeout, nameof(LaunchTimeout), TimeSpan.FromMilliseconds(1));
        Check(BootTimeout, nameof(BootTimeout), TimeSpan.FromMilliseconds(1));
        Check(StopGrace, nameof(StopGrace), TimeSpan.Zero);
        Check(DrainTimeout, nameof(DrainTimeout), TimeSpan.Zero);
        Check(MeasureInterval, nameof(MeasureInterval), TimeSpan.FromSeconds(1));
        CheckDays(CycleAfter, nameof(CycleAfter), TimeSpan.FromSeconds(1));
        CheckDays(CycleSpread, nameof(CycleSpread), TimeSpan.Zero);
        CheckDays(IdleAfter, nameof(IdleAfter), TimeSpan.FromMinutes(1));
        if (MemoryKillFactor is not (>= 1 and <= 100))
        {
            throw new ArgumentException($"{nameof(MemoryKillFactor)} is 1 to 100; got {MemoryKillFactor}.");
        }

        ArgumentNullException.ThrowIfNull(RestartBackoff);
        RestartBackoff.Validate();
        if (FailingLines is < 0 or > 1000)
        {
            throw new ArgumentException($"{nameof(FailingLines)} is 0 to 1,000; got {FailingLines}.");
        }
    }

    private static void Check(TimeSpan value, string name, TimeSpan least)
    {
        if (value < least || value > TimeSpan.FromHours(1))
        {
            throw new ArgumentException($"{name} is {least} to one hour; got {value}.");
        }
    }

    private static void CheckDays(TimeSpan? value, string name, TimeSpan least)
    {
        if (value is { } time && (time < least || time > RestartBackoff.MostDays))
        {
            throw new ArgumentException($"{name} is {least} to 20 days; got {time}.");
        }
    }
}
