namespace PaaS.Runtime;

/// <summary>One place of the formation, such as <c>web.1</c>, whichever start of it runs now, if any does.</summary>
internal sealed record FormationDyno
{
    public required DynoName Name { get; init; }

    /// <summary>What it runs, and what its next start will run.</summary>
    public required RunningRelease Release { get; init; }

    /// <summary>The newest start's id.</summary>
    public required Guid Id { get; init; }

    public required string Command { get; init; }

    public required DynoSize Size { get; init; }

    public required DynoState State { get; init; }

    public required DateTimeOffset Since { get; init; }

    /// <summary>The start that holds this place; none while it waits for the one before it to end, or for its back-off.</summary>
    public long? Run { get; init; }

    /// <summary>Crashes in a row.</summary>
    public int Crashes { get; init; }

    /// <summary>The back-off that it waits for.</summary>
    public long? Backoff { get; init; }

    /// <summary>Whether it is being cycled and its next start is not up yet.</summary>
    public bool IsCycling { get; init; }

    public DynoKind Kind => Listens ? DynoKind.Web : DynoKind.Worker;

    public bool Listens => Name.Type == ProcessType.Web;

    public Dyno ToSnapshot() => new(Id, Name, State, Command, Size, Release.Version, Since);
}
