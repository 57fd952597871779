using System.Net;

namespace PaaS.Hosting.Tests;

public sealed class JobsResourceTests : ApiScene
{
    private const string Name = "floating-dragon-42";
    private const string Jobs = $"/apps/{Name}/jobs";

    [Fact]
    public async Task A_job_is_made_changed_shown_and_removed()
    {
        await Host.DeployAsync(Name, "web");

        var made = (await Api.PostAsync(Jobs, """{"schedule": " every 10 minutes", "command": "rake a", "size": "eco"}""")).Is(HttpStatusCode.Created);
        Assert.Equal(("every 10 minutes", "rake a", "Eco", "api", "False", "", Name), (made["schedule"], made["command"], made["size"], made["source"], made["running"], made["last_at"], made["app.name"]));
        Assert.Equal("2026-11-20T15:10:00+00:00", made["next_at"]);
        Assert.Equal([made["id"]], (await Api.GetAsync(Jobs)).All("id"));

        var changed = (await Api.PatchAsync($"{Jobs}/{made["id"]}", """{"schedule": "0 4 * * mon"}""")).Is(HttpStatusCode.OK);
        Assert.Equal(("0 4 * * mon", "rake a", "2026-11-23T04:00:00+00:00"), (changed["schedule"], changed["command"], changed["next_at"]));
        Assert.Equal(changed.Text, (await Api.GetAsync($"{Jobs}/{made["id"]}")).Is(HttpStatusCode.OK).Text);
        Assert.Equal(2, AppOf(Name).Releases.Count);

        Assert.Equal(made["id"], (await Api.DeleteAsync($"{Jobs}/{made["id"]}")).Is(HttpStatusCode.OK)["id"]);
        Assert.Empty((await Api.GetAsync(Jobs)).All("id"));
        (await Api.GetAsync($"{Jobs}/{made["id"]}")).IsError(HttpStatusCode.NotFound, "not_found", "job");
    }

    [Fact]
    public async Task The_jobs_of_the_manifest_are_shown_as_such_and_cannot_be_changed()
    {
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(Name));
        var slug = await Host.MakeSlugAsync("web") with { Manifest = new AppManifest { Cron = [new CronEntry("@daily", "rake a")] } };
        await Platform.ReleaseSlugAsync(Platform.Operator, Name, slug);
        await SettledAsync(Name);

        var list = (await Api.GetAsync(Jobs)).Is(HttpStatusCode.OK);

        Assert.Equal(["app.json"], list.All("source"));
        Assert.Equal(["@daily"], list.All("schedule"));
        var id = list.All("id").Single();
        Assert.Contains("app.json", (await Api.PatchAsync($"{Jobs}/{id}", """{"command": "x"}""")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        Assert.Contains("app.json", (await Api.DeleteAsync($"{Jobs}/{id}")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{}""", "needs a schedule and a command")]
    [InlineData("""{"schedule": "@daily"}""", "needs a schedule and a command")]
    [InlineData("""{"schedule": "* * * *", "command": "x"}""", "schedule: Column 8: the day of the week is missing")]
    [InlineData("""{"schedule": "@daily", "command": " "}""", "command is missing")]
    [InlineData("""{"schedule": "@daily", "command": "x", "size": "huge"}""", "no such size")]
    public async Task What_is_no_job_is_refused(string body, string because)
    {
        await Host.DeployAsync(Name, "web");

        Assert.Contains(because, (await Api.PostAsync(Jobs, body)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);

        Assert.Empty(AppOf(Name).Jobs);
    }

    [Theory]
    [InlineData("nonsense")]
    [InlineData("11111111-2222-3333-4444-555555555555")]
    public async Task A_job_that_does_not_exist_is_not_found(string id)
    {
        await Host.DeployAsync(Name, "web");

        (await Api.GetAsync($"{Jobs}/{id}")).IsError(HttpStatusCode.NotFound, "not_found", "job");
        (await Api.PatchAsync($"{Jobs}/{id}", """{"command": "x"}""")).IsError(HttpStatusCode.NotFound, "not_found", "job");
        (await Api.DeleteAsync($"{Jobs}/{id}")).IsError(HttpStatusCode.NotFound, "not_found", "job");
        (await Api.GetAsync("/apps/limitless-fjord-5604/jobs")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.PostAsync("/apps/limitless-fjord-5604/jobs", """{"schedule": "@daily", "command": "x"}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }
}
