namespace PaaS.Core;

/// <summary>An app's settings of the router as they stand in the journal, and back. What is as by default is left out. Pages are no decision: they stand nowhere.</summary>
internal static class RouteSettingsCodec
{
    public static EventData.RoutingChanged Describe(RouteSettings settings) => new(
        Milliseconds(settings.ConnectTimeout),
        Milliseconds(settings.FirstByteTimeout),
        Milliseconds(settings.IdleTimeout),
        Milliseconds(settings.BootWait),
        settings.MaxInFlightPerDyno,
        settings.KeepsConnections,
        settings.EndToEndContinue,
        Milliseconds(settings.Hold));

    public static RouteSettings Rebuild(EventData.RoutingChanged data) => new()
    {
        ConnectTimeout = Time(data.ConnectTimeout),
        FirstByteTimeout = Time(data.FirstByteTimeout),
        IdleTimeout = Time(data.IdleTimeout),
        BootWait = Time(data.BootWait),
        MaxInFlightPerDyno = data.MaxInFlightPerDyno,
        KeepsConnections = data.KeepsConnections,
        EndToEndContinue = data.EndToEndContinue,
        Hold = Time(data.Hold),
    };

    private static long? Milliseconds(TimeSpan? time) => time is { } value ? (long)value.TotalMilliseconds : null;

    private static TimeSpan? Time(long? milliseconds) => milliseconds is { } value ? TimeSpan.FromMilliseconds(value) : null;
}
