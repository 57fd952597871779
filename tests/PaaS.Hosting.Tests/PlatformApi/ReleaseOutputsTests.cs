using System.Net;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>The address of a release's output, as the CLI reads it: without a token.</summary>
public sealed class ReleaseOutputsTests : ApiScene
{
    private const string Name = "floating-dragon-42";
    private static readonly HttpClient Anonymous = new();

    [Fact]
    public async Task The_output_is_followed_while_the_command_runs_and_can_be_read_again()
    {
        var address = await ReleaseAsync("web", "release");
        var command = await CommandOfAsync(2);
        using var response = await Anonymous.GetAsync(address, HttpCompletionOption.ResponseHeadersRead).WaitAsync(Eventually.Deadline);
        using var reader = new StreamReader(await response.Content.ReadAsStreamAsync());

        command.Write("first");
        Assert.Equal("first", await reader.ReadLineAsync().WaitAsync(Eventually.Deadline));
        command.Write("second");
        command.Exit(0);
        Assert.Equal("second\n", await reader.ReadToEndAsync().WaitAsync(Eventually.Deadline));

        await SettledAsync(Name);
        Assert.Equal(address, (await Api.GetAsync($"/apps/{Name}/releases/2"))["output_stream_url"]);
        Assert.Equal("first\nsecond\n", await Anonymous.GetStringAsync(address).WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task Before_the_command_has_started_its_output_is_not_found()
    {
        await ReleaseAsync("web", "release");
        var first = await CommandOfAsync(2);
        var address = await ReleaseAsync("web", "release");

        using (var early = await Anonymous.GetAsync(address).WaitAsync(Eventually.Deadline))
        {
            Assert.Equal(HttpStatusCode.NotFound, early.StatusCode);
            Assert.Contains("not started yet", await early.Content.ReadAsStringAsync(), StringComparison.Ordinal);
        }

        first.Exit(0);
        (await CommandOfAsync(3)).Exit(0);
        await SettledAsync(Name);
        Assert.Equal(string.Empty, await Anonymous.GetStringAsync(address).WaitAsync(Eventually.Deadline));
    }

    [Fact]
    public async Task A_release_without_a_command_has_no_address_of_an_output()
    {
        await Host.DeployAsync(Name, "web");

        Assert.Equal(["", ""], (await Api.GetAsync($"/apps/{Name}/releases")).All("output_stream_url"));
    }

    private async Task<string> ReleaseAsync(params string[] types)
    {
        Host.Runtime.Script = _ => DynoScript.Ready;
        await Platform.CreateAppAsync(Platform.Operator, AppName.Parse(Name));
        var release = (await Platform.ReleaseSlugAsync(Platform.Operator, Name, await Host.MakeSlugAsync(types))).Value!;
        return (await Api.GetAsync($"/apps/{Name}/releases/{release.Version}")).Is(HttpStatusCode.OK)["output_stream_url"];
    }

    private Task<FakeDyno> CommandOfAsync(int version) =>
        Host.Runtime.WaitForStartAsync(dyno => dyno.Spec.Name.Type == ProcessType.Release && dyno.Spec.Release.Number == version).WaitAsync(Eventually.Deadline);
}
