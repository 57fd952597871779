using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>What becomes of releases when dynos fail, when more than one is under way, and when the host ends in between.</summary>
public sealed class ReleaseLifeTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private PaaSTestHost _host = null!;

    private Platform Platform => _host.Platform;

    private App App => Platform.FindApp(Platform.Operator, Name).Value!;

    public async Task InitializeAsync() => _host = await PaaSTestHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task A_deploy_that_fails_keeps_its_number_and_changes_nothing()
    {
        await _host.DeployAsync(Name, "web", "worker");
        var (before, alive, route) = (App, _host.Runtime.Alive.ToList(), _host.Routes.Find("floating-dragon-42.localhost"));
        _host.Runtime.Script = _ => DynoScript.ExitsBeforeReady(7) with { Output = ["it broke"] };

        var after = await _host.DeployAsync(Name, "web", "clock");

        var failed = after.Releases[^1];
        Assert.Equal((3, ReleaseStatus.Failed), (failed.Version.Number, failed.Status));
        Assert.Contains("web.1 exited with status 7", failed.Failure, StringComparison.Ordinal);
        Assert.Equal((before.Current!.Id, before.Formation), (after.Current!.Id, after.Formation));
        Assert.Equal(alive, _host.Runtime.Alive);
        Assert.Equal(route!.Endpoints, _host.Routes.Find("floating-dragon-42.localhost")!.Endpoints);

        _host.Runtime.Script = _ => DynoScript.Ready;
        Assert.Equal(4, (await _host.DeployAsync(Name, "web", "clock")).Current!.Version.Number);
    }

    [Fact]
    public async Task A_worker_is_scaled_to_zero_at_once_while_a_release_is_getting_ready()
    {
        await _host.DeployAsync(Name, "web", "worker");
        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Worker, 1)]);
        var worker = await _host.Runtime.WaitForStartAsync(dyno => dyno.Spec.Name.Type == ProcessType.Worker);
        _host.Runtime.Script = _ => DynoScript.NeverReady;
        var release = (await Platform.ReleaseSlugAsync(Platform.Operator, Name, await _host.MakeSlugAsync("web", "worker"))).Value!;

        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Worker, 0)]);

        await worker.Exited.WaitAsync(Eventually.Deadline);
        Assert.Equal(ReleaseStatus.Pending, App.Find(release.Version)!.Status);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task A_config_change_during_a_deploy_waits_and_takes_the_code_that_the_verdict_leaves(bool deploySucceeds)
    {
        var first = await _host.DeployAsync(Name);
        var (deploy, dyno) = await BeginDeployAsync(3);

        var waiting = (await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"))).Value!;
        Assert.Equal((4, ReleaseStatus.Pending), (waiting.Releases[^1].Version.Number, waiting.Releases[^1].Status));
        Assert.Equal("1", waiting.ConfigVars["A"]);
        Assert.Equal(2, waiting.Current!.Version.Number);

        _host.Runtime.Script = _ => DynoScript.Ready;
        if (deploySucceeds)
        {
            dyno.BecomeReady();
        }
        else
        {
            dyno.Exit(1);
        }

        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(4)).Status);
        Assert.Equal(deploySucceeds ? ReleaseStatus.Succeeded : ReleaseStatus.Failed, App.Find(deploy.Version)!.Status);
        Assert.Equal((4, deploySucceeds ? deploy.Slug : first.Current!.Slug), (App.Current!.Version.Number, App.Current.Slug));
        var running = Assert.Single(_host.Runtime.Alive, one => one.Spec.Release.Number == 4);
        Assert.Equal((App.Current.Slug!.Id, "1"), (running.Spec.Slug, running.Spec.ConfigVars["A"]));
    }

    [Fact]
    public async Task Config_vars_of_a_release_that_fails_stay_stored_for_the_next_one()
    {
        await _host.DeployAsync(Name);
        _host.Runtime.Script = spec => spec.ConfigVars.ContainsKey("BREAKS") ? DynoScript.ExitsBeforeReady(1) : DynoScript.Ready;

        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("BREAKS", "1"));
        Assert.Equal(ReleaseStatus.Failed, (await VerdictAsync(3)).Status);

        Assert.Equal("1", Platform.GetConfigVars(Platform.Operator, Name).Value!["BREAKS"]);
        Assert.Empty(App.Current!.ConfigVars);
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create([new("BREAKS", null), new("A", "1")]));
        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(4)).Status);
        Assert.Equal(["A"], App.Current!.ConfigVars.Keys);
    }

    [Fact]
    public async Task A_restart_of_the_host_brings_everything_back_as_it_was()
    {
        await _host.DeployAsync(Name, "web", "worker");
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create([new("A", "1"), new("B", "2")]));
        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Web, 3), new FormationUpdate(ProcessType.Worker, 1, Size: DynoSize.Performance2XL)]);
        await VerdictAsync(3);
        _host.Runtime.Script = _ => DynoScript.ExitsBeforeReady(1);
        await _host.DeployAsync(Name);
        _host.Runtime.Script = _ => DynoScript.Ready;
        await Platform.RollbackAsync(Platform.Operator, Name, new ReleaseVersion(2));
        await VerdictAsync(5);
        await Platform.RenameAppAsync(Platform.Operator, Name, AppName.Parse("limitless-fjord-5604"));
        await _host.DeployAsync("secure-cliffs-18654");
        await Platform.DestroyAppAsync(Platform.Operator, "secure-cliffs-18654");
        var before = Platform.ListApps(Platform.Operator);

        await _host.RestartAsync();

        var after = Platform.ListApps(Platform.Operator);
        Assert.Equal(before.Select(Describe), after.Select(Describe));
        Assert.Equal(["limitless-fjord-5604"], after.Select(app => app.Name.ToString()));
        await Eventually.IsTrueAsync(() => _host.Runtime.Alive.Count() == 4);
        Assert.Equal(["web.1", "web.2", "web.3", "worker.1"], _host.Runtime.Alive.Select(dyno => dyno.Spec.Name.ToString()).Order());
        Assert.All(_host.Runtime.Alive, dyno => Assert.Equal(5, dyno.Spec.Release.Number));
        await Eventually.IsTrueAsync(() => _host.Routes.Find("limitless-fjord-5604.localhost") is { Endpoints.Length: 3 });
        Assert.Null(_host.Routes.Find("secure-cliffs-18654.localhost"));
    }

    [Fact]
    public async Task A_deploy_that_the_end_of_the_host_interrupts_is_failed_and_the_config_change_behind_it_goes_on()
    {
        var first = await _host.DeployAsync(Name);
        await BeginDeployAsync(3);
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));

        _host.Runtime.Script = _ => DynoScript.Ready;
        await _host.RestartAsync();

        Assert.Equal(ReleaseStatus.Succeeded, (await VerdictAsync(4)).Status);
        Assert.Equal((ReleaseStatus.Failed, "The host stopped before the release was ready. Deploy it again."), (App.Releases[2].Status, App.Releases[2].Failure));
        Assert.Equal((first.Current!.Slug!.Id, "1"), (App.Current!.Slug!.Id, App.Current.ConfigVars["A"]));
        Assert.Equal(5, (await _host.DeployAsync(Name)).Current!.Version.Number);
    }

    [Fact]
    public async Task A_deploy_that_waited_behind_a_config_change_when_the_host_ended_is_failed_as_well()
    {
        var first = await _host.DeployAsync(Name);
        _host.Runtime.Script = _ => DynoScript.NeverReady;
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create("A", "1"));
        await Platform.ReleaseSlugAsync(Platform.Operator, Name, await _host.MakeSlugAsync());

        _host.Runtime.Script = _ => DynoScript.Ready;
        await _host.RestartAsync();

        Assert.Equal(ReleaseStatus.Failed, (await VerdictAsync(4)).Status);
        Assert.Equal((3, first.Current!.Slug!.Id), (App.Current!.Version.Number, App.Current.Slug!.Id));
        Assert.DoesNotContain(_host.Runtime.Dynos, dyno => dyno.Spec.Release.Number == 4);
    }

    [Fact]
    public async Task Who_waits_for_a_release_when_its_app_is_destroyed_does_not_wait_for_ever()
    {
        await _host.DeployAsync(Name);
        await BeginDeployAsync(3);
        var waiting = Platform.WaitForReleaseAsync(Platform.Operator, Name, new ReleaseVersion(3));

        await Platform.DestroyAppAsync(Platform.Operator, Name);

        var release = (await waiting.WaitAsync(Eventually.Deadline)).Value!;
        Assert.Equal((ReleaseStatus.Failed, "The app was destroyed before the release was ready."), (release.Status, release.Failure));
    }

    private static string Describe(App app) => string.Join('\n', app.Releases
        .Select(release => $"{release.Id} {release.Version} {release.Status} {release.Description} {release.Slug?.Id} {release.Failure} {release.CreatedAt:O} {release.UpdatedAt:O} {release.By} {string.Join(',', release.ConfigVars)}")
        .Prepend($"{app.Id} {app.Name} {app.UserId} {app.Owner} {app.CreatedAt:O} {app.UpdatedAt:O} {app.Formation} {app.Current?.Version} {string.Join(',', app.ConfigVars)}"));

    private async Task<(Release Release, FakeDyno Dyno)> BeginDeployAsync(int version)
    {
        _host.Runtime.Script = _ => DynoScript.NeverReady;
        var release = (await Platform.ReleaseSlugAsync(Platform.Operator, Name, await _host.MakeSlugAsync())).Value!;
        Assert.Equal(version, release.Version.Number);
        return (release, await _host.Runtime.WaitForStartAsync(dyno => dyno.Spec.Release.Number == version).WaitAsync(Eventually.Deadline));
    }

    private async Task<Release> VerdictAsync(int version) =>
        (await Platform.WaitForReleaseAsync(Platform.Operator, Name, new ReleaseVersion(version)).WaitAsync(Eventually.Deadline)).Value!;
}
