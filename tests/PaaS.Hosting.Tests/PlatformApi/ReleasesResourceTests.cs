using System.Net;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class ReleasesResourceTests : ApiScene
{
    private const string Path = "/apps/floating-dragon-42/releases";

    [Theory]
    [InlineData("version ..; order=desc,max=1", HttpStatusCode.PartialContent, "5")]
    [InlineData("version ..; max=1, order=desc", HttpStatusCode.PartialContent, "5")]
    [InlineData("version ..; max=2;", HttpStatusCode.PartialContent, "1 2")]
    [InlineData("version ..; max=15, order=desc", HttpStatusCode.OK, "5 4 3 2 1")]
    [InlineData("version ..; max=5, order=desc", HttpStatusCode.OK, "5 4 3 2 1")]
    [InlineData("version ..; order=desc", HttpStatusCode.OK, "5 4 3 2 1")]
    [InlineData("version 2..3", HttpStatusCode.OK, "2 3")]
    [InlineData("version ]2..", HttpStatusCode.OK, "3 4 5")]
    [InlineData("version 0000000000004..", HttpStatusCode.OK, "4 5")]
    [InlineData("version 4..2; order=desc", HttpStatusCode.OK, "4 3 2")]
    [InlineData("version ]4..; order=desc,max=2", HttpStatusCode.PartialContent, "3 2")]
    [InlineData("version 77..", HttpStatusCode.OK, "")]
    [InlineData("version ..; max=0", HttpStatusCode.PartialContent, "1")]
    [InlineData("version ..; max=99999999999999", HttpStatusCode.OK, "1 2 3 4 5")]
    [InlineData("", HttpStatusCode.OK, "1 2 3 4 5")]
    [InlineData("bytes=0-1", HttpStatusCode.OK, "1 2 3 4 5")]
    [InlineData(";;;,,,", HttpStatusCode.OK, "1 2 3 4 5")]
    public async Task A_range_gives_the_part_of_the_list_that_it_asks_for(string range, HttpStatusCode status, string versions)
    {
        await FiveReleasesAsync();

        var answer = (await Api.GetAsync(Path, range)).Is(status);

        Assert.Equal(versions, string.Join(' ', answer.All("version")));
        Assert.Equal(status == HttpStatusCode.PartialContent, answer.NextRange is not null);
    }

    [Theory]
    [InlineData("version ..; order=desc,max=2", "5 4|3 2|1")]
    [InlineData("version ..; max=3", "1 2 3|4 5")]
    [InlineData("version 2..4; max=2", "2 3|4")]
    public async Task Each_next_range_leads_to_the_page_behind_without_gap_or_repeat(string range, string pages)
    {
        await FiveReleasesAsync();
        var seen = new List<string>();
        for (var next = range; next is not null;)
        {
            var page = await Api.GetAsync(Path, next);
            seen.Add(string.Join(' ', page.All("version")));
            next = page.NextRange;
        }

        Assert.Equal(pages, string.Join('|', seen));
    }

    [Fact]
    public async Task A_release_is_found_by_number_version_id_and_as_the_current_one()
    {
        await Host.DeployAsync("floating-dragon-42");
        var release = AppOf("floating-dragon-42").Current!;

        var info = (await Api.GetAsync($"{Path}/2")).Is(HttpStatusCode.OK);

        Assert.Equal((release.Id.ToString(), "2", "succeeded", "True"), (info["id"], info["version"], info["status"], info["current"]));
        Assert.Equal($"Deploy {release.Slug!.Commit![..8]}", info["description"]);
        Assert.Equal(("operator@localhost", "floating-dragon-42", "True"), (info["user.email"], info["app.name"], info["eligible_for_rollback"]));
        Assert.True(Guid.TryParse(info["slug.id"], out _));
        Assert.Equal("[]", info["addon_plan_names"]);
        Assert.Equal(string.Empty, info["output_stream_url"]);
        foreach (var name in new[] { "v2", "current", release.Id.ToString() })
        {
            Assert.Equal(info.Text, (await Api.GetAsync($"{Path}/{name}")).Is(HttpStatusCode.OK).Text);
        }

        var first = await Api.GetAsync($"{Path}/1");
        Assert.Equal(("Initial release", "False", "False", ""), (first["description"], first["current"], first["eligible_for_rollback"], first["slug"]));
    }

    [Theory]
    [InlineData("0")]
    [InlineData("3")]
    [InlineData("v")]
    [InlineData("v0")]
    [InlineData("-1")]
    [InlineData("+1")]
    [InlineData("1.0")]
    [InlineData("99999999999999999999")]
    [InlineData("newest")]
    [InlineData("6f0b2a3e-0000-4000-8000-000000000001")]
    public async Task A_release_that_does_not_exist_is_not_found(string release)
    {
        await Host.DeployAsync("floating-dragon-42");

        (await Api.GetAsync($"{Path}/{release}")).IsError(HttpStatusCode.NotFound, "not_found", "release");
        (await Api.PostAsync(Path, $$"""{"release": "{{release}}"}""")).IsError(HttpStatusCode.NotFound, "not_found", "release");

        Assert.Equal(2, AppOf("floating-dragon-42").Releases.Count);
    }

    [Theory]
    [InlineData("2")]
    [InlineData("v2")]
    [InlineData("id")]
    public async Task A_rollback_makes_a_new_release_of_the_old_slug_and_the_old_config(string by)
    {
        var first = await Host.DeployAsync("floating-dragon-42");
        await Api.PatchAsync("/apps/floating-dragon-42/config-vars", """{"A": "1"}""");
        await Host.DeployAsync("floating-dragon-42");
        var target = by == "id" ? first.Current!.Id.ToString() : by;

        var made = (await Api.PostAsync(Path, $$"""{"release": "{{target}}"}""")).Is(HttpStatusCode.Created);

        Assert.Equal(("5", "Rollback to v2"), (made["version"], made["description"]));
        await SettledAsync("floating-dragon-42");
        var now = AppOf("floating-dragon-42");
        Assert.Equal((5, first.Current!.Slug), (now.Current!.Version.Number, now.Current.Slug));
        Assert.Equal("{}", (await Api.GetAsync("/apps/floating-dragon-42/config-vars")).Text);
        Assert.Equal("True", (await Api.GetAsync($"{Path}/5"))["current"]);
        Assert.Equal(5, Assert.Single(Host.Runtime.Alive).Spec.Release.Number);
    }

    [Fact]
    public async Task A_rollback_needs_a_release_that_succeeded_with_code()
    {
        await Host.DeployAsync("floating-dragon-42");
        Host.Runtime.Script = _ => DynoScript.ExitsBeforeReady(1);
        await Host.DeployAsync("floating-dragon-42");

        Assert.Equal("failed", (await Api.GetAsync($"{Path}/3"))["status"]);
        Assert.Contains("status 1", (await Api.GetAsync($"{Path}/3"))["failure_message"], StringComparison.Ordinal);
        Assert.Contains("no code", (await Api.PostAsync(Path, """{"release": "1"}""")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        Assert.Contains("failed", (await Api.PostAsync(Path, """{"release": "3"}""")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        (await Api.PostAsync(Path, "{}")).IsError(HttpStatusCode.NotFound, "not_found", "release");
        (await Api.PostAsync(Path, """{"release": {}}""")).IsError(HttpStatusCode.BadRequest, "bad_request");
        (await Api.PostAsync(Path)).IsError(HttpStatusCode.BadRequest, "bad_request");
        (await Api.PostAsync("/apps/nobody-here-1/releases", """{"release": "1"}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        Assert.Equal(3, AppOf("floating-dragon-42").Releases.Count);
    }

    private async Task FiveReleasesAsync()
    {
        (await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.Created);
        for (var i = 0; i < 4; i++)
        {
            (await Api.PatchAsync("/apps/floating-dragon-42/config-vars", $$"""{"A": "{{i}}"}""")).Is(HttpStatusCode.OK);
        }
    }
}
