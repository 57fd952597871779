namespace PaaS.Core.Tests;

public class RouteRulesTests
{
    private readonly Ledger _ledger = Ledger.WithApp();

    [Fact]
    public void Maintenance_begins_and_ends_and_saying_so_twice_records_nothing()
    {
        Assert.Equal([new AppEvent.MaintenanceChanged(true)], _ledger.Do(new AppCommand.SetMaintenance(true)).Events.AsEnumerable());
        Assert.True(_ledger.App!.Maintenance);
        Assert.Same(Decision.Nothing, _ledger.Do(new AppCommand.SetMaintenance(true)));

        _ledger.Do(new AppCommand.SetMaintenance(false));

        Assert.False(_ledger.App.Maintenance);
        Assert.Single(_ledger.App.Releases);
    }

    [Fact]
    public void What_a_change_does_not_name_stays_and_null_gives_a_setting_back_to_the_router()
    {
        Change(new RoutePatch { FirstByteTimeout = new(TimeSpan.FromSeconds(90)), KeepsConnections = new(false), EndToEndContinue = true });
        Change(new RoutePatch { Hold = new(TimeSpan.FromSeconds(30)), KeepsConnections = new(null) });

        var routing = _ledger.App!.Routing;
        Assert.Equal(new RouteSettings { FirstByteTimeout = TimeSpan.FromSeconds(90), EndToEndContinue = true, Hold = TimeSpan.FromSeconds(30) }, routing);
    }

    [Fact]
    public void A_change_that_changes_nothing_is_not_recorded()
    {
        Change(new RoutePatch { MaxInFlightPerDyno = new(5) });

        Assert.Same(Decision.Nothing, Decide(new RoutePatch()));
        Assert.Same(Decision.Nothing, Decide(new RoutePatch { MaxInFlightPerDyno = new(5), Hold = new(null), EndToEndContinue = false }));
    }

    public static TheoryData<RoutePatch, string> OutOfRange => new()
    {
        { new RoutePatch { ConnectTimeout = new(TimeSpan.FromMilliseconds(99)) }, "connect_timeout is 0.099 seconds; use 0.1 to 75, or null" },
        { new RoutePatch { FirstByteTimeout = new(TimeSpan.FromSeconds(3601)) }, "first_byte_timeout is 3601 seconds; use 1 to 3600, or null" },
        { new RoutePatch { IdleTimeout = new(TimeSpan.Zero) }, "idle_timeout is 0 seconds; use 1 to 86400, or null" },
        { new RoutePatch { BootWait = new(TimeSpan.FromSeconds(-1)) }, "boot_wait is -1 seconds; use 0 to 600, or null" },
        { new RoutePatch { Hold = new(TimeSpan.Zero) }, "hold is 0 seconds; use 1 to 600, or null" },
        { new RoutePatch { MaxInFlightPerDyno = new(0) }, "max_in_flight_per_dyno is 0; use 1 to 10000, or null" },
    };

    [Theory]
    [MemberData(nameof(OutOfRange))]
    public void What_is_out_of_its_range_is_refused_with_the_range(RoutePatch patch, string message)
    {
        var refusal = Decide(patch).Refusal!;

        Assert.Equal(RefusalCode.Invalid, refusal.Code);
        Assert.StartsWith(message, refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_bounds_themselves_are_taken() => Change(new RoutePatch
    {
        ConnectTimeout = new(TimeSpan.FromMilliseconds(100)),
        FirstByteTimeout = new(TimeSpan.FromHours(1)),
        IdleTimeout = new(TimeSpan.FromDays(1)),
        BootWait = new(TimeSpan.Zero),
        Hold = new(TimeSpan.FromMinutes(10)),
        MaxInFlightPerDyno = new(10_000),
    });

    private Decision Decide(RoutePatch patch) => ReleaseLedger.Decide(_ledger.App, new AppCommand.ChangeRouting(patch));

    private void Change(RoutePatch patch) => Assert.Single(_ledger.Do(new AppCommand.ChangeRouting(patch)).Events);
}
