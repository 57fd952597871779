namespace PaaS.EndToEnd;

/// <summary>Secrets stay where they belong.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SecurityTests(SharedHost shared) : IDisposable
{
    private readonly Client _client = new(shared.Host);

    [Fact]
    public async Task A_planted_config_value_stands_nowhere_in_plain_text()
    {
        const string Planted = "planted-5f3a9c71-value";
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(shared.Host, app, TinyApp.Web());
        await _client.SetAsync(app, new { GREETING = Planted, BASH_ENV = $"/tmp/{Planted}", LD_PRELOAD = $"/tmp/{Planted}.so" });

        var seen = new List<string>();
        using var over = new CancellationTokenSource();
        var watching = Task.Run(() => WatchCommandLines(Planted, seen, over.Token));
        var push = await repository.PushAsync();
        Assert.True(push.Status == 0, push.Output);
        var greeting = (await _client.AskAsync(app))["greeting"]!.GetValue<string>();
        await over.CancelAsync();
        await watching;

        Assert.Equal(Planted, greeting);
        Assert.Empty(seen);
        Assert.DoesNotContain(Planted, shared.Host.Log, StringComparison.Ordinal);
        Assert.DoesNotContain(Planted, push.Output, StringComparison.Ordinal);
        var search = await Command.RunAsync("grep", ["--recursive", "--files-with-matches", "--binary-files=text", "--fixed-strings", Planted, shared.Host.Data]);
        Assert.True(search.Status == 1, $"grep ended with {search.Status}; 1 is nothing found: {search.Output}");
    }

    [Fact]
    public async Task The_data_directory_is_the_hosts_alone()
    {
        Assert.Equal(
            UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute,
            File.GetUnixFileMode(shared.Host.Data));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, File.GetUnixFileMode(Path.Combine(shared.Host.Data, "token")));
        var listing = await Command.RunAsync("ps", ["-eo", "args"]);
        Assert.DoesNotContain(shared.Host.Token, listing.Output, StringComparison.Ordinal);
        Assert.DoesNotContain(shared.Host.Token, shared.Host.Log, StringComparison.Ordinal);
    }

    public void Dispose() => _client.Dispose();

    private static void WatchCommandLines(string needle, List<string> seen, CancellationToken over)
    {
        while (!over.IsCancellationRequested)
        {
            foreach (var directory in Directory.EnumerateDirectories("/proc"))
            {
                try
                {
                    var line = File.ReadAllText(Path.Combine(directory, "cmdline"));
                    if (line.Contains(needle, StringComparison.Ordinal))
                    {
                        seen.Add(line);
                    }
                }
                catch (IOException)
                {
                    // The process has ended, or the directory is none of a process.
                }
            }
        }
    }
}
