using System.Net;
using System.Text;

namespace PaaS.Hosting.Tests;

public sealed class ConfigVarsResourceTests : ApiScene
{
    private const string Path = "/apps/floating-dragon-42/config-vars";

    [Fact]
    public async Task Several_names_in_one_patch_make_one_release_and_null_removes()
    {
        await CreateAsync();

        var set = (await Api.PatchAsync(Path, """{"B": "2", "A": "line\nä€😀", "EMPTY": ""}""")).Is(HttpStatusCode.OK);
        var removed = (await Api.PatchAsync(Path, """{"A": null, "C": "3"}""")).Is(HttpStatusCode.OK);

        Assert.Equal(["A", "B", "EMPTY"], set.Json.EnumerateObject().Select(property => property.Name));
        Assert.Equal("line\nä€😀", set["A"]);
        Assert.Equal("""{"B":"2","C":"3","EMPTY":""}""", removed.Text);
        Assert.Equal(removed.Text, (await Api.GetAsync(Path)).Is(HttpStatusCode.OK).Text);
        var releases = await Api.GetAsync("/apps/floating-dragon-42/releases");
        Assert.Equal(["1", "2", "3"], releases.All("version"));
        Assert.Equal(["Initial release", "Set A, B, EMPTY config vars", "Set C config var, Remove A config vars"], releases.All("description"));
        Assert.Equal("{}", (await Api.GetAsync("/apps/floating-dragon-42/releases/1/config-vars")).Text);
        Assert.Equal(set.Text, (await Api.GetAsync("/apps/floating-dragon-42/releases/v2/config-vars")).Text);
        (await Api.GetAsync("/apps/floating-dragon-42/releases/9/config-vars")).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.GetAsync("/apps/floating-dragon-42/releases/nine/config-vars")).IsError(HttpStatusCode.NotFound, "not_found", "release");
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("""{"A": "1"}""")]
    [InlineData("""{"NOBODY": null}""")]
    [InlineData("""{"PORT": null}""")]
    [InlineData("""{"A": "2", "A": "1"}""")]
    public async Task A_patch_that_changes_nothing_makes_no_release(string body)
    {
        await CreateAsync();
        await Api.PatchAsync(Path, """{"A": "1"}""");

        Assert.Equal("""{"A":"1"}""", (await Api.PatchAsync(Path, body)).Is(HttpStatusCode.OK).Text);

        Assert.Equal(2, AppOf("floating-dragon-42").Releases.Count);
    }

    [Theory]
    [InlineData("""{"OK": "1", "PORT": "5000"}""", "PORT cannot be set")]
    [InlineData("""{"DYNO": "web.1"}""", "DYNO cannot be set")]
    [InlineData("""{"SECRET": "hush\u0000hush"}""", "NUL")]
    [InlineData("""{"": "hush"}""", "needs a name")]
    [InlineData("""{"A-B": "hush"}""", "A-B")]
    [InlineData("""{"1A": "hush"}""", "1A")]
    [InlineData("""{"A=B": "hush"}""", "A=B")]
    [InlineData("null", "null")]
    public async Task A_patch_that_cannot_be_is_refused_whole_and_without_its_values(string body, string because)
    {
        await CreateAsync();

        var message = (await Api.PatchAsync(Path, body)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");

        Assert.Contains(because, message, StringComparison.Ordinal);
        Assert.DoesNotContain("hush", message, StringComparison.Ordinal);
        await NothingChangedAsync();
    }

    [Theory]
    [InlineData("""{"A": 1}""")]
    [InlineData("""{"A": true}""")]
    [InlineData("""{"A": {"B": "C"}}""")]
    [InlineData("""{"A": ["B"]}""")]
    [InlineData("""{"A": "\ud800"}""")]
    [InlineData("""["A"]""")]
    [InlineData("\"A\"")]
    [InlineData("")]
    [InlineData("""{"A": "1"}}""")]
    public async Task A_body_that_is_no_object_of_texts_is_refused(string body)
    {
        await CreateAsync();

        (await Api.PatchAsync(Path, body)).IsError(HttpStatusCode.BadRequest, "bad_request");

        await NothingChangedAsync();
    }

    [Fact]
    public async Task Deep_json_and_bytes_that_are_no_text_are_refused()
    {
        await CreateAsync();
        using var broken = new HttpRequestMessage(HttpMethod.Patch, Path) { Content = new ByteArrayContent([.. "{\"A\": \""u8, 0xFF, 0xFE, .. "\"}"u8]) };

        (await Api.PatchAsync(Path, "{\"A\": " + new string('[', 100_000))).IsError(HttpStatusCode.BadRequest, "bad_request");
        (await Api.PatchAsync(Path, new string('[', 100_000))).IsError(HttpStatusCode.BadRequest, "bad_request");
        (await Api.SendAsync(broken)).IsError(HttpStatusCode.BadRequest, "bad_request");

        await NothingChangedAsync();
    }

    [Fact]
    public async Task An_error_says_where_in_the_body_it_is_but_not_at_any_length()
    {
        await CreateAsync();

        var message = (await Api.PatchAsync(Path, $$"""{"{{new string('A', 100_000)}}": 1}""")).IsError(HttpStatusCode.BadRequest, "bad_request");

        Assert.InRange(message.Length, 1, 500);
    }

    [Fact]
    public async Task More_than_64_KiB_of_config_vars_are_refused_and_as_many_are_not()
    {
        await CreateAsync();

        var refused = await Api.PatchAsync(Path, $$"""{"A": "{{new string('x', 65_536)}}"}""");
        Assert.Contains("65,536", refused.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        await NothingChangedAsync();

        (await Api.PatchAsync(Path, $$"""{"A": "{{new string('x', 65_535)}}"}""")).Is(HttpStatusCode.OK);
        (await Api.PatchAsync(Path, """{"B": "1"}""")).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_body_of_two_mebibytes_is_too_large(bool chunked)
    {
        await CreateAsync();
        using var request = new HttpRequestMessage(HttpMethod.Patch, Path)
        {
            Content = new StringContent($$"""{"A": "{{new string('x', 2 << 20)}}"}""", Encoding.UTF8, "application/json"),
            Headers = { TransferEncodingChunked = chunked, ExpectContinue = !chunked },
        };

        (await Api.SendAsync(request)).IsError(HttpStatusCode.RequestEntityTooLarge, "too_large");

        await NothingChangedAsync();
    }

    [Fact]
    public async Task The_config_vars_of_an_unknown_app_are_not_found()
    {
        (await Api.GetAsync(Path)).IsError(HttpStatusCode.NotFound, "not_found", "app");
        (await Api.PatchAsync(Path, """{"A": "1"}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    private async Task CreateAsync() => (await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""")).Is(HttpStatusCode.Created);

    private async Task NothingChangedAsync()
    {
        Assert.Equal("{}", (await Api.GetAsync(Path)).Text);
        Assert.Single(AppOf("floating-dragon-42").Releases);
    }
}
