using System.Net;
using PaaS.Runtime;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class OneOffDynosTests : ApiScene
{
    private const string Name = "floating-dragon-42";
    private const string Dynos = $"/apps/{Name}/dynos";

    [Fact]
    public async Task A_command_runs_with_the_code_the_config_and_its_own_variables()
    {
        await Host.DeployAsync(Name, "web", "worker");
        await Platform.ChangeConfigVarsAsync(Platform.Operator, Name, ConfigPatch.Create([new("A", "1"), new("B", "1")]));
        await SettledAsync(Name);

        var made = (await Api.PostAsync(Dynos, """{"command": "rake db:seed; echo \"$A\"", "attach": false, "env": {"B": "2", "TERM": "xterm"}, "size": "standard-2x", "time_to_live": 60}""")).Is(HttpStatusCode.Created);

        Assert.Matches("^run\\.[1-9][0-9]{3}$", made["name"]);
        Assert.Equal(("run", "Standard-2X", "rake db:seed; echo \"$A\"", "", "3", Name), (made["type"], made["size"], made["command"], made["attach_url"], made["release.version"], made["app.name"]));
        Assert.Contains(made["state"], (string[])["starting", "up"]);
        var dyno = await RunAsync();
        Assert.Equal(made["id"], dyno.Spec.Id.ToString());
        Assert.Equal(("1", "2", "xterm"), (dyno.Spec.ConfigVars["A"], dyno.Spec.ConfigVars["B"], dyno.Spec.ConfigVars["TERM"]));
        Assert.Equal((false, DynoStreams.Log, DynoSize.Standard2X), (dyno.Spec.Listens, dyno.Spec.Streams, dyno.Spec.Size));
        Assert.Equal(AppOf(Name).Current!.Slug!.Id, dyno.Spec.Slug);
    }

    [Fact]
    public async Task It_is_listed_until_it_ends_and_is_not_started_again()
    {
        await Host.DeployAsync(Name, "web");
        var made = (await Api.PostAsync(Dynos, """{"command": "sleep 1"}""")).Is(HttpStatusCode.Created);
        var dyno = await RunAsync();

        Assert.Equal([made["name"], "web.1"], (await Api.GetAsync(Dynos)).All("name"));
        Assert.Equal(made["id"], (await Api.GetAsync($"{Dynos}/{made["name"]}")).Is(HttpStatusCode.OK)["id"]);
        dyno.Exit(3);

        await Eventually.IsTrueAsync(() => Platform.ListDynos(Platform.Operator, Name).Value is [{ Name.Number: 1 }]);
        (await Api.GetAsync($"{Dynos}/{made["name"]}")).IsError(HttpStatusCode.NotFound, "not_found", "dyno");
        Assert.Single(Host.Runtime.Dynos, one => one.Spec.Name.Type.ToString() == "run");
    }

    [Theory]
    [InlineData("POST", "/actions/stop", true)]
    [InlineData("DELETE", "", true)]
    [InlineData("POST", "/actions/stop", false)]
    [InlineData("DELETE", "", false)]
    public async Task Stopping_it_and_restarting_it_both_end_it(string method, string path, bool byName)
    {
        await Host.DeployAsync(Name, "web");
        var made = (await Api.PostAsync(Dynos, """{"command": "sleep 1"}""")).Is(HttpStatusCode.Created);
        var dyno = await RunAsync();
        var web = Host.Runtime.Alive.Single(one => one.Spec.Name.Type == ProcessType.Web);

        (await Api.SendAsync(new HttpMethod(method), $"{Dynos}/{(byName ? made["name"] : "run")}{path}")).Is(HttpStatusCode.Accepted);

        await dyno.Exited.WaitAsync(Eventually.Deadline);
        Assert.Contains(ProcessSignal.Terminate, dyno.Signals);
        Assert.True(web.IsAlive);
    }

    [Fact]
    public async Task A_restart_of_all_dynos_leaves_it_alone()
    {
        await Host.DeployAsync(Name, "web");
        (await Api.PostAsync(Dynos, """{"command": "sleep 1"}""")).Is(HttpStatusCode.Created);
        var dyno = await RunAsync();
        var web = Host.Runtime.Alive.Single(one => one.Spec.Name.Type == ProcessType.Web);

        (await Api.DeleteAsync(Dynos)).Is(HttpStatusCode.Accepted);

        await web.Exited.WaitAsync(Eventually.Deadline);
        Assert.True(dyno.IsAlive);
    }

    [Theory]
    [InlineData("worker", "run worker")]
    [InlineData(" worker --once 'a b'", "run worker --once 'a b'")]
    [InlineData("workers", "workers")]
    [InlineData("echo worker", "echo worker")]
    [InlineData("worker;true", "worker;true")]
    public async Task The_name_of_a_process_type_stands_for_its_command(string command, string runs)
    {
        await Host.DeployAsync(Name, "web", "worker");

        (await Api.PostAsync(Dynos, $$"""{"command": "{{command}}", "type": "worker"}""")).Is(HttpStatusCode.Created);

        var dyno = await Host.Runtime.WaitForStartAsync(one => one.Spec.Name.Type == ProcessType.Worker).WaitAsync(Eventually.Deadline);
        Assert.Equal(runs, dyno.Spec.Command);
        Assert.Matches("^worker\\.[1-9][0-9]{3}$", dyno.Spec.Name.ToString());
    }

    [Theory]
    [InlineData("""{}""", "command is missing")]
    [InlineData("""{"command": "  "}""", "command is missing")]
    [InlineData("""{"command": "a\u0000b"}""", "NUL")]
    [InlineData("""{"command": "a", "attach": true}""", "cannot attach")]
    [InlineData("""{"command": "a", "type": "web"}""", "cannot be of type 'web'")]
    [InlineData("""{"command": "a", "type": "release"}""", "cannot be of type 'release'")]
    [InlineData("""{"command": "a", "type": "scheduler"}""", "cannot be of type 'scheduler'")]
    [InlineData("""{"command": "a", "type": "../x"}""", "process type has")]
    [InlineData("""{"command": "a", "size": "huge"}""", "no such size")]
    [InlineData("""{"command": "a", "time_to_live": 0}""", "1 to 86400 seconds")]
    [InlineData("""{"command": "a", "time_to_live": 86401}""", "1 to 86400 seconds")]
    [InlineData("""{"command": "a", "env": {"A": null}}""", "leave out")]
    [InlineData("""{"command": "a", "env": {"A B": "1"}}""", "'A B' cannot be used")]
    [InlineData("""{"command": "a", "env": {"PORT": "1"}}""", "PORT cannot be set")]
    public async Task What_cannot_be_run_is_refused(string body, string because)
    {
        await Host.DeployAsync(Name, "web", "release");
        var before = Host.Runtime.Dynos.Count;

        Assert.Contains(because, (await Api.PostAsync(Dynos, body)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);

        Assert.Equal(before, Host.Runtime.Dynos.Count);
    }

    [Fact]
    public async Task An_app_without_code_and_an_unknown_app_run_nothing()
    {
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(Name));

        Assert.Contains("Deploy first", (await Api.PostAsync(Dynos, """{"command": "a"}""")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        (await Api.PostAsync("/apps/limitless-fjord-5604/dynos", """{"command": "a"}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.PostAsync(Dynos, """{"command": 7}""")).IsError(HttpStatusCode.BadRequest, "bad_request");
    }

    [Fact]
    public async Task An_app_runs_a_bounded_number_of_them()
    {
        await Host.DeployAsync(Name, "web");
        for (var i = 0; i < new OneOffOptions().MaxRunning; i++)
        {
            (await Api.PostAsync(Dynos, """{"command": "sleep 1"}""")).Is(HttpStatusCode.Created);
        }

        Assert.Contains("50", (await Api.PostAsync(Dynos, """{"command": "sleep 1"}""")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task The_end_of_the_app_is_the_end_of_them()
    {
        await Host.DeployAsync(Name, "web");
        (await Api.PostAsync(Dynos, """{"command": "sleep 1"}""")).Is(HttpStatusCode.Created);
        var dyno = await RunAsync();

        (await Api.DeleteAsync($"/apps/{Name}")).Is(HttpStatusCode.OK);

        await dyno.Exited.WaitAsync(Eventually.Deadline);
    }

    [Fact]
    public async Task An_embedder_can_attach_to_one()
    {
        await Host.DeployAsync(Name, "web");

        var made = (await Platform.RunAsync(Platform.Operator, Name, new OneOffRequest { Command = "bash", Streams = DynoStreams.Terminal })).Value!;

        var dyno = await RunAsync();
        await using var attachment = made.Attach();
        dyno.Write("$ ");
        var buffer = new byte[3];
        await attachment.ReadExactlyAsync(buffer).AsTask().WaitAsync(Eventually.Deadline);
        Assert.Equal("$ \n"u8.ToArray(), buffer);
        dyno.Exit(5);
        Assert.Equal(0, await attachment.ReadAsync(buffer).AsTask().WaitAsync(Eventually.Deadline));
        Assert.Equal(5, (await made.Completed.WaitAsync(Eventually.Deadline)).Status);
    }

    private Task<FakeDyno> RunAsync() =>
        Host.Runtime.WaitForStartAsync(dyno => dyno.Spec.Name.Type.ToString() == "run").WaitAsync(Eventually.Deadline);
}
