using System.Net;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class AppsResourceTests : ApiScene
{
    [Theory]
    [InlineData(null)]
    [InlineData("{}")]
    [InlineData("""{"name": null, "region": "us", "stack": "heroku-24", "feature_flags": []}""")]
    public async Task A_new_app_without_a_name_gets_a_random_one(string? body)
    {
        var made = (await Api.PostAsync("/apps", body)).Is(HttpStatusCode.Created);

        Assert.Matches("^[a-z]+-[a-z]+-[0-9]{1,5}$", made["name"]);
        Assert.Equal(made["id"], AppOf(made["name"]).Id.ToString());
    }

    [Fact]
    public async Task A_new_app_has_the_fields_that_clients_read()
    {
        var made = (await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.Created);

        Assert.Equal("floating-dragon-42", made["name"]);
        Assert.Equal("operator@localhost", made["owner.email"]);
        Assert.Equal(("complete", "cedar", "us"), (made["create_status"], made["generation.name"], made["region.name"]));
        Assert.Equal(made["stack.name"], made["build_stack.name"]);
        Assert.StartsWith("http://floating-dragon-42.localhost:", made["web_url"], StringComparison.Ordinal);
        Assert.Equal(new Uri(Api.Http.BaseAddress!, "/floating-dragon-42.git").ToString(), made["git_url"]);
        Assert.Equal("2026-11-20T15:00:00+00:00", made["created_at"]);
        Assert.Equal(string.Empty, made["slug_size"]);
        Assert.Equal(made.Text, (await Api.GetAsync("/apps/floating-dragon-42")).Is(HttpStatusCode.OK).Text);
        Assert.Equal(made.Text, (await Api.GetAsync($"/apps/{made["id"]}")).Is(HttpStatusCode.OK).Text);
    }

    [Theory]
    [InlineData("")]
    [InlineData("ab")]
    [InlineData("Floating")]
    [InlineData("dragon-")]
    [InlineData("-dragon")]
    [InlineData("4dragon")]
    [InlineData("floating_dragon")]
    [InlineData("floating.dragon")]
    [InlineData("..")]
    [InlineData("dragon\\u0000")]
    [InlineData("dragon\\n")]
    [InlineData("dr\\u00e4gon")]
    [InlineData("a123456789012345678901234567890")]
    public async Task A_name_that_cannot_be_a_host_name_is_refused_with_the_rule(string name)
    {
        var refused = await Api.PostAsync("/apps", $$"""{"name": "{{name}}"}""");

        Assert.StartsWith("Name must start with a letter", refused.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        Assert.Empty(Platform.ListApps(Platform.Operator));
    }

    [Theory]
    [InlineData("[]")]
    [InlineData("\"dragon\"")]
    [InlineData("{\"name\": 7}")]
    [InlineData("{\"name\": {}}")]
    [InlineData("{\"name\": \"\\ud800\"}")]
    [InlineData("{\"name\"")]
    public async Task A_body_that_is_not_what_is_expected_is_refused(string body)
    {
        (await Api.PostAsync("/apps", body)).IsError(HttpStatusCode.BadRequest, "bad_request");

        Assert.Empty(Platform.ListApps(Platform.Operator));
    }

    [Fact]
    public async Task A_name_that_is_taken_is_refused()
    {
        await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""");

        var refused = await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""");

        Assert.Equal("Name floating-dragon-42 is already taken", refused.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"));
        Assert.Single(Platform.ListApps(Platform.Operator));
    }

    [Fact]
    public async Task Of_many_who_want_one_name_exactly_one_gets_it()
    {
        var answers = await Task.WhenAll(Enumerable.Range(0, 16).Select(_ => Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")));

        Assert.Single(answers, answer => answer.Status == HttpStatusCode.Created);
        Assert.Equal(15, answers.Count(answer => answer.Status == HttpStatusCode.UnprocessableEntity));
    }

    [Fact]
    public async Task Apps_are_listed_by_name_and_in_pages()
    {
        foreach (var name in new[] { "cherry", "apple", "banana" })
        {
            (await Api.PostAsync("/apps", $$"""{"name": "{{name}}"}""")).Is(HttpStatusCode.Created);
        }

        Assert.Equal(["apple", "banana", "cherry"], (await Api.GetAsync("/apps")).Is(HttpStatusCode.OK).All("name"));
        Assert.Equal(["apple", "banana", "cherry"], (await Api.GetAsync("/users/~/apps")).Is(HttpStatusCode.OK).All("name"));
        var first = (await Api.GetAsync("/apps", "name ..; max=2")).Is(HttpStatusCode.PartialContent);
        Assert.Equal(["apple", "banana"], first.All("name"));
        var second = (await Api.GetAsync("/apps", first.NextRange)).Is(HttpStatusCode.OK);
        Assert.Equal(["cherry"], second.All("name"));
        Assert.Null(second.NextRange);
    }

    [Fact]
    public async Task A_rename_moves_the_host_name_and_frees_the_old_one()
    {
        var app = await Host.DeployAsync("floating-dragon-42");

        var renamed = (await Api.PatchAsync("/apps/floating-dragon-42", """{"name": "limitless-fjord-5604"}""")).Is(HttpStatusCode.OK);

        Assert.Equal(app.Id.ToString(), renamed["id"]);
        Assert.StartsWith("http://limitless-fjord-5604.localhost:", renamed["web_url"], StringComparison.Ordinal);
        (await Api.GetAsync("/apps/floating-dragon-42")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.GetAsync("/apps/limitless-fjord-5604")).Is(HttpStatusCode.OK);
        await Eventually.IsTrueAsync(() => Host.Routes.Find("limitless-fjord-5604.localhost") is { Endpoints.Length: 1 });
        Assert.Null(Host.Routes.Find("floating-dragon-42.localhost"));
        Assert.Equal(2, AppOf("limitless-fjord-5604").Releases.Count);
        var taken = (await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.Created);
        Assert.NotEqual(app.Id.ToString(), taken["id"]);
    }

    [Fact]
    public async Task A_rename_that_cannot_be_leaves_everything()
    {
        await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""");
        await Api.PostAsync("/apps", """{"name": "limitless-fjord-5604"}""");

        var taken = await Api.PatchAsync("/apps/floating-dragon-42", """{"name": "limitless-fjord-5604"}""");
        var invalid = await Api.PatchAsync("/apps/floating-dragon-42", """{"name": "Floating"}""");
        var unknown = await Api.PatchAsync("/apps/nobody-here-1", """{"name": "somebody-here-1"}""");

        Assert.Equal("Name limitless-fjord-5604 is already taken", taken.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"));
        invalid.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");
        unknown.IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.PatchAsync("/apps/floating-dragon-42", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.OK);
        (await Api.PatchAsync("/apps/floating-dragon-42", "{}")).Is(HttpStatusCode.OK);
        Assert.Equal(["floating-dragon-42", "limitless-fjord-5604"], (await Api.GetAsync("/apps")).All("name"));
        (await Api.PostAsync("/apps", """{"name": "somebody-here-1"}""")).Is(HttpStatusCode.Created);
    }

    [Fact]
    public async Task Maintenance_is_switched_on_and_off_for_the_next_request_and_the_dynos_go_on()
    {
        await Host.DeployAsync("floating-dragon-42");
        var route = Host.Routes.Find("floating-dragon-42.localhost")!;
        Assert.Equal("False", (await Api.GetAsync("/apps/floating-dragon-42"))["maintenance"]);

        var on = (await Api.PatchAsync("/apps/floating-dragon-42", """{"maintenance": true}""")).Is(HttpStatusCode.OK);

        Assert.Equal("True", on["maintenance"]);
        await Eventually.IsTrueAsync(() => Host.Routes.Find("floating-dragon-42.localhost")!.Maintenance);
        Assert.Equal(route.Endpoints.AsEnumerable(), Host.Routes.Find("floating-dragon-42.localhost")!.Endpoints);
        Assert.Equal(2, AppOf("floating-dragon-42").Releases.Count);

        (await Api.PatchAsync("/apps/floating-dragon-42", """{"maintenance": true}""")).Is(HttpStatusCode.OK);
        var off = (await Api.PatchAsync("/apps/floating-dragon-42", """{"maintenance": false, "name": "limitless-fjord-5604"}""")).Is(HttpStatusCode.OK);
        Assert.Equal(("False", "limitless-fjord-5604"), (off["maintenance"], off["name"]));
        await Eventually.IsTrueAsync(() => Host.Routes.Find("limitless-fjord-5604.localhost") is { Maintenance: false });
        Assert.Equal(
            ["Maintenance mode enabled by user operator@localhost", "Maintenance mode disabled by user operator@localhost"],
            LogOf("limitless-fjord-5604").Where(line => line.Contains("Maintenance", StringComparison.Ordinal)));
        (await Api.PatchAsync("/apps/limitless-fjord-5604", """{"maintenance": "yes"}""")).IsError(HttpStatusCode.BadRequest, "bad_request");
        (await Api.PatchAsync("/apps/nobody-here-1", """{"maintenance": true}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    [Fact]
    public async Task Maintenance_outlives_the_host_and_holds_from_its_first_request_on()
    {
        await Host.DeployAsync("floating-dragon-42");
        await Api.PatchAsync("/apps/floating-dragon-42", """{"maintenance": true}""");

        await Host.RestartAsync();

        Assert.True(Host.Routes.Find("floating-dragon-42.localhost")!.Maintenance);
        Assert.True(AppOf("floating-dragon-42").Maintenance);
    }

    [Fact]
    public async Task A_destroyed_app_is_gone_and_its_name_is_free_even_while_its_dynos_have_their_grace()
    {
        Host.Runtime.Script = _ => DynoScript.IgnoresTerm;
        var app = await Host.DeployAsync("floating-dragon-42");
        var dyno = Assert.Single(Host.Runtime.Alive);

        var destroyed = (await Api.DeleteAsync("/apps/floating-dragon-42")).Is(HttpStatusCode.OK);

        Assert.Equal(app.Id.ToString(), destroyed["id"]);
        Assert.Equal("Couldn't find that app.", (await Api.GetAsync("/apps/floating-dragon-42")).IsError(HttpStatusCode.NotFound, "not_found", "app"));
        (await Api.GetAsync($"/apps/{app.Id}")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.DeleteAsync("/apps/floating-dragon-42")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        Assert.Empty((await Api.GetAsync("/apps")).All("name"));

        var again = (await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.Created);

        Assert.NotEqual(app.Id.ToString(), again["id"]);
        Assert.Equal(["1"], (await Api.GetAsync("/apps/floating-dragon-42/releases")).All("version"));
        await Eventually.IsTrueAsync(() => Host.Routes.Find("floating-dragon-42.localhost")?.App.ToString() == again["id"]);
        Assert.True(dyno.IsAlive);
    }
}
