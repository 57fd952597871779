using System.Collections.Immutable;
using PaaS.Runtime;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>What dynos run is counted, whoever starts them, and the month's free hours are kept to.</summary>
public sealed class UsageTests : IAsyncLifetime
{
    private const string Name = "floating-dragon-42";
    private static readonly DateTimeOffset s_start = new(2026, 12, 2, 8, 0, 0, TimeSpan.Zero);
    private CoreScene _scene = null!;

    private Platform Platform => _scene.Platform;

    private HostedApp Hosted => _scene.Core.Directory.TryFind(Name, out var hosted) ? hosted : throw new InvalidOperationException("The app is not there.");

    public async Task InitializeAsync()
    {
        _scene = await CoreScene.StartAsync();
        _scene.Time.Advance(s_start - _scene.Time.GetUtcNow());
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(Name));
    }

    public async Task DisposeAsync() => await _scene.DisposeAsync();

    [Fact]
    public async Task Dynos_of_the_formation_and_one_offs_are_counted_by_type_and_size()
    {
        await DeployAsync("web", "worker");
        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Worker, 2)]);
        await RunningAsync(3);
        await Platform.RunAsync(Platform.Operator, Name, new OneOffRequest { Command = "rake" });
        await RunningAsync(4);
        _scene.Time.Advance(TimeSpan.FromMinutes(30));
        _scene.Runtime.Dynos.Single(dyno => dyno.Spec.Name.Type.ToString() == "run").Exit(0);
        await RunningAsync(3);
        _scene.Time.Advance(TimeSpan.FromMinutes(30));

        var usage = Platform.GetUsage(Platform.Operator, Name).Value;

        Assert.Equal([("run", 0.5), ("web", 1), ("worker", 2)], usage.Select(entry => (entry.Key.Type.ToString(), entry.Time.TotalHours)));
        Assert.All(usage, entry => Assert.Equal((new DateOnly(2026, 12, 1), DynoSize.Standard1X), (entry.Key.Month, entry.Key.Size)));
        Assert.Empty(Platform.GetUsage(Platform.Operator, Name, new DateOnly(2026, 11, 30)).Value);
    }

    [Fact]
    public async Task What_was_used_is_there_after_a_restart_and_counts_on_from_it()
    {
        await DeployAsync("web");
        await RunningAsync(1);
        _scene.Time.Advance(TimeSpan.FromHours(2));
        await _scene.RestartAsync(TimeSpan.FromHours(10));
        await RunningAsync(1);
        _scene.Time.Advance(TimeSpan.FromHours(1));

        Assert.Equal(3, Assert.Single(Platform.GetUsage(Platform.Operator, Name).Value).Time.TotalHours);
    }

    [Fact]
    public async Task The_API_says_dyno_seconds_and_the_quota()
    {
        using var api = await _scene.OpenApiAsync();
        await DeployAsync("web");
        await RunningAsync(1);
        _scene.Time.Advance(TimeSpan.FromSeconds(90));

        var usage = await api.GetAsync($"/apps/{Name}/usage?month=2026-12");

        Assert.Equal("""[{"month":"2026-12","type":"web","size":"Standard-1X","seconds":90}]""", usage.Text);
        Assert.Equal(422, (int)(await api.GetAsync($"/apps/{Name}/usage?month=soon")).Status);
        Assert.Equal(404, (int)(await api.GetAsync("/accounts/~/actions/get-quota")).Status);
    }

    [Fact]
    public async Task At_80_and_100_percent_of_the_free_hours_it_is_said_and_then_they_sleep_until_the_next_month()
    {
        await DeployAsync("web");
        await Platform.ScaleAsync(Platform.Operator, Name, [new FormationUpdate(ProcessType.Web, 1, Size: DynoSize.Eco)]);
        await Eventually.IsTrueAsync(() => Hosted.Supervisor.Dynos is [{ Size: var size, State: DynoState.Up }] && size == DynoSize.Eco);
        await RunningAsync(1);
        _scene.Options.FreeHours = TimeSpan.FromHours(100);
        _scene.Options.Supervisor = _scene.Options.Supervisor with { IdleAfter = null, CycleAfter = null };
        await _scene.RestartAsync();
        await RunningAsync(1);

        await AdvanceAsync(TimeSpan.FromHours(79));
        Assert.DoesNotContain(await LinesAsync(), line => line.Contains("Free dyno hours", StringComparison.Ordinal));
        await AdvanceAsync(TimeSpan.FromHours(1.1));
        await Eventually.IsTrueAsync(() => LinesAsync().Result.Count(line => line.Contains("80% of the 100", StringComparison.Ordinal)) == 1);
        Assert.Equal(DynoState.Up, Assert.Single(Hosted.Supervisor.Dynos).State);
        await AdvanceAsync(TimeSpan.FromHours(20));
        await Eventually.IsTrueAsync(() => Hosted.Supervisor.Dynos is [{ State: DynoState.Idle }]);
        Assert.Contains(await LinesAsync(), line => line.Contains("all 100 of this month are used", StringComparison.Ordinal));
        Assert.Equal(WebState.None, _scene.Routes.Find($"{Name}.localhost")!.Web);
        await RunningAsync(0);

        await AdvanceAsync(TimeSpan.FromDays(26));
        await Eventually.IsTrueAsync(() => Hosted.Supervisor.Dynos is [{ State: DynoState.Up }]);
        Assert.Equal(FreeHoursLevel.Plenty, Platform.FreeHours!.Value.Level);
    }

    private async Task DeployAsync(params string[] types)
    {
        var released = await Platform.ReleaseSlugAsync(Platform.Operator, Name, await _scene.MakeSlugAsync(types));
        await Platform.WaitForReleaseAsync(Platform.Operator, Name, released.Value!.Version);
    }

    private Task RunningAsync(int count) => Eventually.IsTrueAsync(() => Hosted.Usage.Running.Count == count);

    /// <summary>The clock goes a minute at a time, so that every timer on the way gets its turn.</summary>
    private async Task AdvanceAsync(TimeSpan time)
    {
        for (var gone = TimeSpan.Zero; gone < time; gone += TimeSpan.FromMinutes(10))
        {
            _scene.Time.Advance(TimeSpan.FromMinutes(10));
            await Task.Yield();
        }
    }

    private async Task<List<string>> LinesAsync()
    {
        var lines = new List<string>();
        await foreach (var line in Hosted.Logs.TailAsync(new LogTail { Lines = 1500 }))
        {
            lines.Add(line.Message);
        }

        return lines;
    }
}
