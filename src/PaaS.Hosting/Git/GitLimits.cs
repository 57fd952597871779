namespace PaaS.Hosting;

/// <summary>What one app's users may ask of git at once.</summary>
internal sealed record GitLimits
{
    /// <summary>How many git requests of one app run at the same time, pushes that wait for their build included. Default 8.</summary>
    public int RequestsPerApp { get; init; } = 8;

    /// <summary>How long a push may take until all of it is received and checked; the build has limits of its own. Default 1 hour.</summary>
    public TimeSpan ReceiveTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>How long a fetch or clone may take. Default 1 hour.</summary>
    public TimeSpan FetchTime { get; init; } = TimeSpan.FromHours(1);

    /// <summary>The largest request of a fetch, unpacked: it holds only wishes and haves. Default 64 MiB.</summary>
    public long FetchRequestBytes { get; init; } = 64 << 20;

    /// <summary>How long to go on reading a push that git has refused: a client that cannot send all does not read why. Default 1 minute.</summary>
    public TimeSpan DrainTime { get; init; } = TimeSpan.FromMinutes(1);
}
