using System.Net;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class DynosResourceTests : ApiScene
{
    private const string Path = "/apps/floating-dragon-42";

    [Fact]
    public async Task Dynos_are_listed_in_the_shape_that_clients_read()
    {
        await DeployAsync();

        var list = (await Api.GetAsync($"{Path}/dynos")).Is(HttpStatusCode.OK);

        Assert.Equal(["web.1", "web.2", "worker.1"], list.All("name"));
        Assert.Equal(["web", "web", "worker"], list.All("type"));
        Assert.Equal(["run web", "run web", "run worker"], list.All("command"));
        var one = (await Api.GetAsync($"{Path}/dynos/web.2")).Is(HttpStatusCode.OK);
        Assert.Equal(list.Json[1].GetRawText(), one.Text);
        Assert.Equal(("up", "Standard-1X", "2", "floating-dragon-42", ""), (one["state"], one["size"], one["release.version"], one["app.name"], one["attach_url"]));
        Assert.Equal(AppOf("floating-dragon-42").Current!.Id.ToString(), one["release.id"]);
        Assert.True(Guid.TryParse(one["id"], out _));
    }

    [Theory]
    [InlineData("web.3")]
    [InlineData("web.01")]
    [InlineData("clock.1")]
    [InlineData("run.1234")]
    [InlineData("web.-1")]
    [InlineData("%20")]
    public async Task A_dyno_that_does_not_exist_is_not_found(string name)
    {
        await DeployAsync();
        var before = Host.Runtime.Dynos.Count;

        (await Api.GetAsync($"{Path}/dynos/{name}")).IsError(HttpStatusCode.NotFound, "not_found", "dyno");
        (await Api.DeleteAsync($"{Path}/dynos/{name}")).IsError(HttpStatusCode.NotFound, "not_found", "dyno");
        (await Api.PostAsync($"{Path}/dynos/{name}/actions/stop")).IsError(HttpStatusCode.NotFound, "not_found", "dyno");

        Assert.Equal(before, Host.Runtime.Dynos.Count);
    }

    [Theory]
    [InlineData("DELETE", "/dynos", "web.1 web.2 worker.1")]
    [InlineData("DELETE", "/dynos/web.2", "web.2")]
    [InlineData("DELETE", "/dynos/worker", "worker.1")]
    [InlineData("DELETE", "/formations/web", "web.1 web.2")]
    [InlineData("POST", "/dynos/web.1/actions/stop", "web.1")]
    [InlineData("POST", "/formations/worker/actions/stop", "worker.1")]
    public async Task A_restart_or_a_stop_replaces_the_dynos_that_it_names_and_no_other(string method, string path, string replaced)
    {
        await DeployAsync();
        var before = Host.Runtime.Alive.ToList();

        var answer = (await Api.SendAsync(new HttpMethod(method), Path + path)).Is(HttpStatusCode.Accepted);

        Assert.Equal("{}", answer.Text);
        await Eventually.IsTrueAsync(() => before.Count(dyno => !dyno.IsAlive) == replaced.Split(' ').Length);
        Assert.Equal(replaced, string.Join(' ', before.Where(dyno => !dyno.IsAlive).Select(Name).Order()));
        await Eventually.IsTrueAsync(() => Host.Runtime.Alive.Select(Name).Order().SequenceEqual(["web.1", "web.2", "worker.1"]));
    }

    [Fact]
    public async Task A_restart_of_what_never_gets_ready_does_not_hold_up_the_end_of_the_host()
    {
        await DeployAsync();
        Host.Runtime.Script = _ => DynoScript.NeverReady;
        var before = Host.Runtime.Dynos.Count;
        (await Api.DeleteAsync($"{Path}/dynos")).Is(HttpStatusCode.Accepted);
        await Eventually.IsTrueAsync(() => Host.Runtime.Dynos.Count > before);

        await Host.RestartAsync().WaitAsync(Eventually.Deadline);

        Assert.Equal(2, AppOf("floating-dragon-42").Releases.Count);
    }

    [Fact]
    public async Task The_dynos_of_an_unknown_app_are_not_found()
    {
        (await Api.GetAsync($"{Path}/dynos")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.GetAsync($"{Path}/dynos/web.1")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.DeleteAsync($"{Path}/dynos")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    private static string Name(FakeDyno dyno) => dyno.Spec.Name.ToString();

    private async Task DeployAsync()
    {
        await Host.DeployAsync("floating-dragon-42", "web", "worker");
        await Api.PatchAsync($"{Path}/formation", """{"updates": [{"type": "web", "quantity": 2}, {"type": "worker", "quantity": 1}]}""");
        await Eventually.IsTrueAsync(() => Platform.ListDynos(Platform.Operator, "floating-dragon-42").Value is { Length: 3 } dynos && dynos.All(dyno => dyno.State == PaaS.Runtime.DynoState.Up));
    }
}
