namespace PaaS.Core.Tests;

public class JobRulesTests
{
    private static readonly CronSchedule s_daily = CronSchedule.Parse("@daily");

    [Fact]
    public void A_job_that_does_not_exist_is_neither_changed_nor_removed()
    {
        var app = Ledger.WithApp().App!;

        Assert.Equal(RefusalCode.NotFound, ReleaseLedger.Decide(app, new AppCommand.UpdateJob(Guid.NewGuid(), s_daily, null, null)).Refusal?.Code);
        Assert.Equal(RefusalCode.NotFound, ReleaseLedger.Decide(app, new AppCommand.RemoveJob(Guid.NewGuid())).Refusal?.Code);
    }

    [Fact]
    public void A_change_that_changes_nothing_is_not_recorded()
    {
        var ledger = Ledger.WithApp();
        var job = new ScheduledJob(Guid.NewGuid(), s_daily, "rake a", DynoSize.Eco);
        ledger.Do(new AppCommand.CreateJob(job));

        Assert.Same(Decision.Nothing, ReleaseLedger.Decide(ledger.App, new AppCommand.UpdateJob(job.Id, s_daily, "rake a", DynoSize.Eco)));
        Assert.Same(Decision.Nothing, ReleaseLedger.Decide(ledger.App, new AppCommand.UpdateJob(job.Id, null, null, null)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public void A_command_that_cannot_be_run_is_refused(string command)
    {
        var ledger = Ledger.WithApp();

        Assert.Equal(RefusalCode.Invalid, ReleaseLedger.Decide(ledger.App, new AppCommand.CreateJob(new ScheduledJob(Guid.NewGuid(), s_daily, command))).Refusal?.Code);
    }

    [Fact]
    public void An_app_has_a_bounded_number_of_jobs()
    {
        var ledger = Ledger.WithApp();
        for (var i = 0; i < ScheduledJob.MaxPerApp; i++)
        {
            ledger.Do(new AppCommand.CreateJob(new ScheduledJob(Guid.NewGuid(), s_daily, $"rake {i}")));
        }

        var refusal = ReleaseLedger.Decide(ledger.App, new AppCommand.CreateJob(new ScheduledJob(Guid.NewGuid(), s_daily, "one more"))).Refusal;

        Assert.Contains("at most 100 jobs", refusal?.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_release_type_has_a_size_and_no_quantity()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("code", "web", "release");
        ledger.Succeed();

        Assert.Contains("cannot be scaled", ReleaseLedger.Decide(ledger.App, new AppCommand.Scale([new FormationUpdate(ProcessType.Release, 1)])).Refusal?.Message, StringComparison.Ordinal);
        Assert.Contains("cannot be scaled", ReleaseLedger.Decide(ledger.App, new AppCommand.Scale([new FormationUpdate(ProcessType.Release, 1, IsRelative: true)])).Refusal?.Message, StringComparison.Ordinal);
        Assert.Same(Decision.Nothing, ReleaseLedger.Decide(ledger.App, new AppCommand.Scale([new FormationUpdate(ProcessType.Release, 0)])));
        ledger.Do(new AppCommand.Scale([new FormationUpdate(ProcessType.Release, null, Size: DynoSize.Standard2X), new FormationUpdate(ProcessType.Web, 2)]));

        Assert.Equal(DynoSize.Standard2X, ledger.App!.ReleaseSize);
        Assert.Equal(["web=2:Standard-1X"], ledger.App.Formation.Select(entry => entry.ToString()));
        Assert.Same(Decision.Nothing, ReleaseLedger.Decide(ledger.App, new AppCommand.Scale([new FormationUpdate(ProcessType.Release, null, Size: DynoSize.Standard2X)])));
    }

    [Fact]
    public void The_size_of_a_release_type_that_the_app_does_not_have_cannot_be_set()
    {
        var ledger = Ledger.WithApp();
        ledger.Deploy("code", "web");
        ledger.Succeed();

        Assert.Equal(RefusalCode.NotFound, ReleaseLedger.Decide(ledger.App, new AppCommand.Scale([new FormationUpdate(ProcessType.Release, null, Size: DynoSize.Standard2X)])).Refusal?.Code);
    }
}
