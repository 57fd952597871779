using System.Net;
using System.Text.Json;

namespace PaaS.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class InputTests(SharedHost shared) : IDisposable
{
    private readonly Client _client = new(shared.Host);

    [Theory]
    [InlineData("ab", "3 to 30")]
    [InlineData("Upper", "lowercase")]
    [InlineData("-dash", "start with a letter")]
    [InlineData("$(touch /tmp/x)", "lowercase")]
    [InlineData("../../etc", "lowercase")]
    public async Task An_invalid_app_name_is_refused_with_the_rule(string name, string says)
    {
        var (status, body) = await _client.SendAsync(HttpMethod.Post, "/apps", new { name });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
        Assert.Contains(says, body!["message"]!.GetValue<string>(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_taken_name_oversize_config_and_PORT_are_refused_and_nothing_is_lost()
    {
        var app = await _client.CreateAppAsync();
        await _client.SetAsync(app, new { KEPT = "yes" });

        var taken = await _client.SendAsync(HttpMethod.Post, "/apps", new { name = app });
        var port = await _client.SendAsync(HttpMethod.Patch, $"/apps/{app}/config-vars", new { PORT = "80", KEPT = "no" });
        var large = await _client.SendAsync(HttpMethod.Patch, $"/apps/{app}/config-vars", new { LARGE = new string('x', 70_000), KEPT = "no" });

        Assert.Contains("already taken", taken.Body!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("PORT", port.Body!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Contains("65,536", large.Body!["message"]!.GetValue<string>(), StringComparison.Ordinal);
        Assert.Equal("""{"KEPT":"yes"}""", (await _client.GetAsync($"/apps/{app}/config-vars")).ToJsonString());
        Assert.Equal(2, (await _client.ReleasesAsync(app)).Count);
    }

    [Fact]
    public async Task A_token_in_a_query_string_is_refused_even_if_it_is_right()
    {
        using var anyone = new HttpClient();

        using var response = await anyone.GetAsync($"{shared.Host.ApiUrl}apps?token={shared.Host.Token}");

        Assert.Equal(HttpStatusCode.BadRequest, response.StatusCode);
        Assert.Contains("query string", await response.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("http://127.0.0.1:5000/x.tgz")]
    [InlineData("https://169.254.169.254/latest/meta-data")]
    [InlineData("file:///etc/shadow")]
    [InlineData("https://0x7f000001/x.tgz")]
    public async Task A_build_from_an_address_inside_is_refused(string url)
    {
        var app = await _client.CreateAppAsync();

        var (status, _) = await _client.SendAsync(HttpMethod.Post, $"/apps/{app}/builds", new { source_blob = new { url } });

        Assert.Equal(HttpStatusCode.UnprocessableEntity, status);
    }

    [Fact]
    public async Task The_procfile_command_prints_a_line_of_JSON_for_each_file()
    {
        var directory = Directory.CreateTempSubdirectory("paas-e2e-procfile-");
        try
        {
            var good = Path.Combine(directory.FullName, "Procfile");
            var odd = Path.Combine(directory.FullName, "Procfile.odd");
            await File.WriteAllTextAsync(good, "web: node server.js\nworker: node worker.js\n");
            await File.WriteAllTextAsync(odd, "web:node server.js\n");

            var result = await Command.RunAsync("dotnet", [RunningHost.Program, "procfile", good, odd, "--mode", "cedar", "--json"]);

            var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement).ToList();
            Assert.Equal(2, lines.Count);
            Assert.Equal(good, lines[0].GetProperty("file").GetString());
            Assert.Equal("node server.js", lines[0].GetProperty("entries")[0].GetProperty("command").GetString());
            Assert.Equal(0, lines[1].GetProperty("entries").GetArrayLength());
            Assert.NotEqual(0, lines[1].GetProperty("diagnostics").GetArrayLength());
        }
        finally
        {
            directory.Delete(recursive: true);
        }
    }

    public void Dispose() => _client.Dispose();
}
