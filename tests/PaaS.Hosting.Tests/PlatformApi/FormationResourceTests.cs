using System.Net;

namespace PaaS.Hosting.Tests;

public sealed class FormationResourceTests : ApiScene
{
    private const string Path = "/apps/floating-dragon-42/formation";

    [Fact]
    public async Task The_formation_lists_every_process_type_of_the_slug()
    {
        await DeployAsync();

        var list = (await Api.GetAsync(Path)).Is(HttpStatusCode.OK);

        Assert.Equal(["web", "worker"], list.All("type"));
        Assert.Equal(["1", "0"], list.All("quantity"));
        Assert.Equal(["Standard-1X", "Standard-1X"], list.All("size"));
        Assert.Equal(["run web", "run worker"], list.All("command"));
        Assert.Equal(list.Json[1].GetRawText(), (await Api.GetAsync($"{Path}/worker")).Is(HttpStatusCode.OK).Text);
        (await Api.GetAsync($"{Path}/clock")).IsError(HttpStatusCode.NotFound, "not_found", "formation");
    }

    [Fact]
    public async Task An_app_that_was_never_deployed_has_no_formation_and_says_what_to_do()
    {
        await Api.PostAsync("/apps", """{"name": "floating-dragon-42"}""");

        Assert.Equal("[]", (await Api.GetAsync(Path)).Is(HttpStatusCode.OK).Text);
        Assert.Contains("deploy first", (await ScaleAsync("web", "\"1\"")).IsError(HttpStatusCode.NotFound, "not_found", "formation"), StringComparison.Ordinal);
        (await Api.PatchAsync("/apps/nobody-here-1/formation", """{"updates": [{"type": "web", "quantity": 1}]}""")).IsError(HttpStatusCode.NotFound, "not_found", "app");
    }

    [Theory]
    [InlineData("\"2\"", 2)]
    [InlineData("2", 2)]
    [InlineData("\"+1\"", 2)]
    [InlineData("\"\\u002b1\"", 2)]
    [InlineData("\"-1\"", 0)]
    [InlineData("\"-100\"", 0)]
    [InlineData("\"0\"", 0)]
    [InlineData("0", 0)]
    [InlineData("\"100\"", 100)]
    [InlineData("null", 1)]
    public async Task A_quantity_may_be_a_number_or_a_text_or_a_change(string quantity, int expected)
    {
        await DeployAsync();

        var answer = (await ScaleAsync("web", quantity)).Is(HttpStatusCode.OK);

        Assert.Equal(("web", $"{expected}"), (Assert.Single(answer.All("type")), Assert.Single(answer.All("quantity"))));
        Assert.Equal(expected, AppOf("floating-dragon-42").Formation[0].Quantity);
    }

    [Theory]
    [InlineData("\"101\"")]
    [InlineData("\"+100\"")]
    [InlineData("101")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("1e1")]
    [InlineData("\"1.5\"")]
    [InlineData("\"\"")]
    [InlineData("\" 1\"")]
    [InlineData("\"+\"")]
    [InlineData("\"--1\"")]
    [InlineData("\"two\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("\"99999999999999999999\"")]
    [InlineData("99999999999999999999")]
    [InlineData("true")]
    [InlineData("[]")]
    [InlineData("{}")]
    public async Task A_quantity_that_cannot_be_is_refused(string quantity)
    {
        await DeployAsync();

        (await ScaleAsync("web", quantity)).IsError(HttpStatusCode.UnprocessableEntity, "invalid_params");

        NothingChanged();
    }

    [Theory]
    [InlineData("standard-2x", "Standard-2X")]
    [InlineData("PERFORMANCE-M", "Performance-M")]
    [InlineData("Eco", "Eco")]
    public async Task A_size_may_be_written_in_any_case(string size, string canonical)
    {
        await DeployAsync();

        var both = (await Api.PatchAsync(Path, $$"""{"updates": [{"type": "web", "quantity": "2", "size": "{{size}}"}]}""")).Is(HttpStatusCode.OK);
        var alone = (await Api.PatchAsync($"{Path}/worker", $$"""{"size": "{{size}}"}""")).Is(HttpStatusCode.OK);

        Assert.Equal(("2", canonical), (Assert.Single(both.All("quantity")), Assert.Single(both.All("size"))));
        Assert.Equal(("worker", "0", canonical), (alone["type"], alone["quantity"], alone["size"]));
    }

    [Theory]
    [InlineData("""{"updates": [{"type": "clock", "quantity": "1"}]}""", HttpStatusCode.NotFound, "not_found", "web, worker")]
    [InlineData("""{"updates": [{"type": "worker", "quantity": "2"}, {"type": "clock", "quantity": "1"}]}""", HttpStatusCode.NotFound, "not_found", "clock")]
    [InlineData("""{"updates": [{"type": "worker", "quantity": "60"}, {"type": "web", "quantity": "41"}]}""", HttpStatusCode.UnprocessableEntity, "invalid_params", "100")]
    [InlineData("""{"updates": [{"type": "worker", "quantity": "2"}, {"type": "web", "size": "Gigantic"}]}""", HttpStatusCode.UnprocessableEntity, "invalid_params", "Gigantic")]
    [InlineData("""{"updates": [{"type": "web worker", "quantity": "2"}]}""", HttpStatusCode.UnprocessableEntity, "invalid_params", "process type")]
    [InlineData("""{"updates": [{"quantity": "2"}]}""", HttpStatusCode.UnprocessableEntity, "invalid_params", "process type")]
    [InlineData("""{"updates": [null]}""", HttpStatusCode.UnprocessableEntity, "invalid_params", "process type")]
    [InlineData("""{"updates": []}""", HttpStatusCode.UnprocessableEntity, "invalid_params", "1 to 100")]
    [InlineData("""{"updates": null}""", HttpStatusCode.UnprocessableEntity, "invalid_params", "1 to 100")]
    [InlineData("{}", HttpStatusCode.UnprocessableEntity, "invalid_params", "1 to 100")]
    [InlineData("""{"updates": {}}""", HttpStatusCode.BadRequest, "bad_request", "JSON")]
    [InlineData("""{"updates": [{"type": 7}]}""", HttpStatusCode.BadRequest, "bad_request", "JSON")]
    public async Task Updates_that_cannot_be_are_refused_all_together(string body, HttpStatusCode status, string id, string because)
    {
        await DeployAsync();

        var message = (await Api.PatchAsync(Path, body)).IsError(status, id, status == HttpStatusCode.NotFound ? "formation" : null);

        Assert.Contains(because, message, StringComparison.Ordinal);
        NothingChanged();
    }

    [Fact]
    public async Task The_release_type_cannot_be_scaled()
    {
        await Host.DeployAsync("floating-dragon-42", "web", "release");

        var answer = await ScaleAsync("release", "1");

        Assert.Contains("cannot be scaled", answer.IsError(HttpStatusCode.UnprocessableEntity, "invalid_params"), StringComparison.Ordinal);
        var entry = (await Api.GetAsync($"{Path}/release")).Is(HttpStatusCode.OK);
        Assert.Equal(("0", "Standard-1X", "run release"), (entry["quantity"], entry["size"], entry["command"]));
        Assert.Equal(["web"], AppOf("floating-dragon-42").Formation.Select(one => one.Type.ToString()));
    }

    [Fact]
    public async Task The_dynos_follow_the_formation_and_no_release_is_made()
    {
        await DeployAsync();

        await Api.PatchAsync(Path, """{"updates": [{"type": "web", "quantity": "3"}, {"type": "worker", "quantity": "2"}]}""");

        await Eventually.IsTrueAsync(() => Host.Runtime.Alive.Count() == 5);
        Assert.Equal(["web.1", "web.2", "web.3", "worker.1", "worker.2"], Host.Runtime.Alive.Select(dyno => dyno.Spec.Name.ToString()).Order());
        Assert.Equal(2, AppOf("floating-dragon-42").Releases.Count);
        await Api.PatchAsync($"{Path}/web", """{"quantity": 0}""");
        await Eventually.IsTrueAsync(() => Host.Routes.Find("floating-dragon-42.localhost") is { Web: WebState.None } && Host.Runtime.Alive.Count() == 2);
    }

    private Task<App> DeployAsync() => Host.DeployAsync("floating-dragon-42", "web", "worker");

    private Task<ApiAnswer> ScaleAsync(string type, string quantity) => Api.PatchAsync(Path, $$"""{"updates": [{"type": "{{type}}", "quantity": {{quantity}}}]}""");

    private void NothingChanged() => Assert.Equal("web=1:Standard-1X worker=0:Standard-1X", AppOf("floating-dragon-42").Formation.ToString());
}
