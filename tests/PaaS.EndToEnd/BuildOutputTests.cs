using System.Text.Json;
using System.Text.Json.Nodes;

namespace PaaS.EndToEnd;

/// <summary>What a build prints, as git, the record of the build and the app's log show it.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class BuildOutputTests(SharedHost shared) : IDisposable
{
    private const string Secret = "zXc9-vBn8-mAs7-dFg6";
    private const string Script = """
        const key = process.env.API_KEY, write = text => process.stdout.write(text);
        write('\u001b[32mgreen\u001b[0m\n');
        write('10%\r50%\r100%\n');
        write('nul\0l\n');
        write(`plain ${key}\nbase64 ${Buffer.from('user:' + key).toString('base64')}\njson ${JSON.stringify({ key })}\n`);
        write('last line');
        process.exitCode = 3;
        """;

    private readonly Client _client = new(shared.Host);

    [Fact]
    public async Task Whoever_pushes_and_whoever_reads_the_log_sees_a_terminals_lines_without_secrets()
    {
        var app = await _client.CreateAppAsync();
        await _client.DoAsync(HttpMethod.Patch, $"/apps/{app}/config-vars", new { API_KEY = Secret });
        var package = JsonSerializer.Serialize(new { name = "voice", version = "1.0.0", scripts = new { build = "node build.js" } });
        using var repository = await Repository.MakeAsync(shared.Host, app, ("package.json", package), ("build.js", Script));

        var push = await repository.PushAsync();

        Assert.NotEqual(0, push.Status);
        foreach (var line in (string[])["\u001b[32mgreen\u001b[0m", "100%", "null", "plain [FILTERED]", "base64 dXNlcj", "json {\"key\":\"[FILTERED]\"}", "last line"])
        {
            Assert.Contains($"remote:        {line}", push.Output, StringComparison.Ordinal);
        }

        Assert.DoesNotContain("10%", push.Output, StringComparison.Ordinal);
        AssertHidden(push.Output);
        var build = (JsonObject)(await _client.GetAsync($"/apps/{app}/builds")).AsArray()[0]!;
        Assert.Equal("failed", build["status"]!.GetValue<string>());
        AssertHidden(build.ToJsonString());
        AssertHidden(await _client.LogAsync(app));
    }

    public void Dispose() => _client.Dispose();

    private static void AssertHidden(string text)
    {
        Assert.DoesNotContain("vBn8", text, StringComparison.Ordinal);
        Assert.DoesNotContain(Convert.ToBase64String("vBn8-mAs7"u8), text, StringComparison.Ordinal);
        Assert.DoesNotContain("elhjOS12Qm44", text, StringComparison.Ordinal);
    }
}
