using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public class TwoHostsTests
{
    [Fact]
    public async Task Two_hosts_at_once_never_see_each_other()
    {
        await using var one = await PaaSTestHost.StartAsync();
        await using var other = await PaaSTestHost.StartAsync();
        using var api = new ApiClient(await one.OpenApiAsync());
        using var otherApi = new ApiClient(await other.OpenApiAsync());

        await Task.WhenAll(one.DeployAsync("floating-dragon-42", "web"), other.DeployAsync("floating-dragon-42", "web", "worker"), one.DeployAsync("only-here-1"));
        one.Time.Advance(TimeSpan.FromHours(1));
        await one.Platform.ChangeConfigVarsAsync(one.Operator, "floating-dragon-42", ConfigPatch.Create("A", "1"));
        one.Platform.OpenLog(one.Operator, "floating-dragon-42").Value!.Write(LogSource.App, "web.1", "only here");

        Assert.Equal(["floating-dragon-42", "only-here-1"], (await api.GetAsync("/apps")).All("name"));
        Assert.Equal(["floating-dragon-42"], (await otherApi.GetAsync("/apps")).All("name"));
        Assert.Equal("{}", (await otherApi.GetAsync("/apps/floating-dragon-42/config-vars")).Text);
        Assert.Equal(["web", "worker"], (await otherApi.GetAsync("/apps/floating-dragon-42/formation")).All("type"));
        Assert.NotEqual(one.Time.GetUtcNow(), other.Time.GetUtcNow());
        Assert.Null(other.Routes.Find("only-here-1.localhost"));
        Assert.NotEqual(one.Routes.Find("floating-dragon-42.localhost")!.App, other.Routes.Find("floating-dragon-42.localhost")!.App);
        Assert.DoesNotContain(other.Runtime.Dynos, dyno => one.Runtime.Dynos.Contains(dyno));
        var lines = new List<string>();
        await foreach (var line in other.Platform.OpenLog(other.Operator, "floating-dragon-42").Value!.TailAsync(new LogTail { Lines = 1500 }))
        {
            lines.Add(line.Message);
        }

        Assert.DoesNotContain("only here", lines);

        await one.DisposeAsync();
        Assert.Equal(["floating-dragon-42"], (await otherApi.GetAsync("/apps")).All("name"));
        Assert.Contains(other.Runtime.Alive, dyno => dyno.Spec.Name.ToString() == "web.1");
    }

    [Fact]
    public async Task The_same_seed_gives_the_same_names_and_another_one_gives_others()
    {
        Assert.Equal(await NamesAsync(7), await NamesAsync(7));
        Assert.NotEqual(await NamesAsync(7), await NamesAsync(8));

        static async Task<IReadOnlyList<string>> NamesAsync(int seed)
        {
            await using var host = await PaaSTestHost.StartAsync(seed: seed);
            for (var i = 0; i < 3; i++)
            {
                await host.Platform.CreateAppAsync(host.Operator);
            }

            return [.. host.Platform.ListApps(host.Operator).Select(app => app.Name.ToString())];
        }
    }

    [Fact]
    public async Task A_host_that_has_ended_takes_no_commands()
    {
        var host = await PaaSTestHost.StartAsync();
        await host.DeployAsync("floating-dragon-42");
        await host.DisposeAsync();

        Assert.Throws<InvalidOperationException>(() => host.Platform.ListApps(host.Operator));
        Assert.Empty(host.Runtime.Alive);
    }
}
