namespace PaaS.Runtime;

/// <summary>The times and numbers by which a <see cref="DynoSupervisor"/> works.</summary>
public sealed record SupervisorOptions
{
    /// <summary>How long a web dyno may take from its launch until it listens on its port (R10). Default 60 s, as Heroku; more than zero, at most an hour.</summary>
    public TimeSpan BootTimeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a dyno may take from SIGTERM until it has ended (R12). Default 30 s, as Heroku; zero to an hour.</summary>
    public TimeSpan StopGrace { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>How long a web dyno that has left the route table may go on with the requests it has, before its SIGTERM. Default 30 s, the time in which a first byte has to come (H12); zero to an hour.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>When a crashed dyno is started again. Default <see cref="RestartBackoff.Default"/>.</summary>
    public RestartBackoff RestartBackoff { get; init; } = RestartBackoff.Default;

    /// <summary>How many of its last lines a failing dyno's verdict carries. Default 50, 0 to 1,000.</summary>
    public int FailingLines { get; init; } = 50;

    internal void Validate()
    {
        Check(BootTimeout, nameof(BootTimeout), TimeSpan.FromMilliseconds(1));
        Check(StopGrace, nameof(StopGrace), TimeSpan.Zero);
        Check(DrainTimeout, nameof(DrainTimeout), TimeSpan.Zero);
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
}
