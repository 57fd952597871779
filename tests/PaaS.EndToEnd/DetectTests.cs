using System.Text.Json;

namespace PaaS.EndToEnd;

/// <summary>The command <c>detect</c> of the reference host.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class DetectTests : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("paas-e2e-detect-");

    [Fact]
    public async Task An_apps_directory_is_described_in_JSON()
    {
        Write("app/package.json", "{}");
        Write("app/go.mod", "module x\n");
        Write("app/Procfile", "worker: node worker.js\n");
        Write("app/.buildpacks", "heroku/nodejs\nheroku/go\n");
        Write("plain/Procfile", "web: ./run $PORT\n");
        Directory.CreateDirectory(Path.Combine(_root.FullName, "empty"));

        var result = await RunAsync("app", "plain", "empty", "--json");

        Assert.Equal(0, result.Status);
        var lines = result.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonDocument.Parse(line).RootElement).ToList();
        var (app, plain, empty) = (lines[0], lines[1], lines[2]);
        Assert.Equal(("nodejs", "heroku/nodejs", "Node.js"), (Text(app, "buildpack"), Text(app, "id"), Text(app, "display_name")));
        Assert.Equal("""["go"] {"web":"npm start"} [] {"worker":"node worker.js"}""", $"{app.GetProperty("also_detected")} {app.GetProperty("default_process_types")} {app.GetProperty("addons")} {app.GetProperty("procfile")}");
        Assert.Equal("""["heroku/nodejs","heroku/go"] .buildpacks Procfile""", $"{app.GetProperty("named_buildpacks")} {Text(app, "named_by")} {Text(app, "declared_by")}");
        Assert.Equal((null, "paas/procfile", null), (Text(plain, "buildpack"), Text(plain, "id"), Text(plain, "display_name")));
        Assert.Equal("./run $PORT", Text(plain.GetProperty("procfile"), "web"));
        Assert.Equal((null, null, "{}"), (Text(empty, "buildpack"), Text(empty, "id"), empty.GetProperty("procfile").ToString()));
    }

    [Fact]
    public async Task An_apps_directory_is_described_in_words()
    {
        Write("app/package.json", "{}");
        Write("app/go.mod", "module x\n");

        var result = await RunAsync("app");

        Assert.Contains(":\n  Node.js app, built by heroku/nodejs\n  Could also be built by heroku/go\n  Default process types:\n    web: npm start\n  Procfile: none\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Buildpacks_that_the_app_names_are_said_to_build_it()
    {
        Write("app/package.json", "{}");
        Write("app/.buildpacks", "heroku/nodejs\nheroku/static\n");

        var result = await RunAsync("app");

        Assert.Contains(":\n  Node.js app, by detection heroku/nodejs\n  Built by what .buildpacks names: heroku/nodejs, heroku/static\n", result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_directory_that_is_missing_is_said_and_the_others_are_described()
    {
        Write("file", "");

        var result = await RunAsync("missing", "file", ".", "--json");

        Assert.Equal(1, result.Status);
        Assert.Contains($"detect: cannot read {_root.FullName}/missing: There is no such directory.", result.Output, StringComparison.Ordinal);
        Assert.Contains($"detect: cannot read {_root.FullName}/file: It is a file.", result.Output, StringComparison.Ordinal);
        Assert.Single(result.Output.Split('\n'), static line => line.StartsWith('{'));
    }

    public void Dispose() => _root.Delete(recursive: true);

    private static string? Text(JsonElement element, string name) => element.GetProperty(name).GetString();

    private void Write(string path, string text)
    {
        var full = Path.Combine(_root.FullName, path);
        Directory.CreateDirectory(Path.GetDirectoryName(full)!);
        File.WriteAllText(full, text);
    }

    private Task<Command> RunAsync(params string[] arguments) =>
        Command.RunAsync("dotnet", [RunningHost.Program, "detect", .. arguments.Select(argument => argument.StartsWith('-') ? argument : Path.Combine(_root.FullName, argument))]);
}
