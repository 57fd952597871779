namespace PaaS.EndToEnd;

/// <summary>Tenants are strangers: what a build, a dyno and a pushed tree try, and do not get.</summary>
[Collection(EndToEndCollection.Name)]
public sealed class SecurityTests(SharedHost shared) : IDisposable
{
    private const string NeedsRoot = "A host that is not root gives tenants no user of their own. Run this test as root.";
    private readonly Client _client = new(shared.Host);

    [Fact]
    public async Task A_build_a_dyno_and_a_pushed_tree_read_neither_token_nor_journal_nor_another_apps_code_and_are_not_root()
    {
        Assert.True(Environment.IsPrivilegedProcess, NeedsRoot);
        var victim = await _client.CreateAppAsync();
        using var victims = await Repository.MakeAsync(shared.Host, victim, TinyApp.Web("victim-code"));
        await victims.DeployAsync();
        await _client.SetAsync(victim, new { VICTIM_SECRET = "victim-secret" });
        var victimPid = (await _client.AskAsync(victim))["pid"]!.GetValue<int>();

        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(
            shared.Host, app,
            ("Procfile", "web: node server.js\n"),
            ("package.json", """{"name":"burglar","version":"1.0.0","scripts":{"postinstall":"node burglar.js build"}}"""),
            ("burglar.js", Burglar(victimPid)),
            ("server.js", "const { tries } = require('./burglar.js'); require('http').createServer((q, s) => s.end(tries('dyno'))).listen(process.env.PORT)"));
        File.CreateSymbolicLink(Path.Combine(repository.Tree, "leak"), Path.Combine(shared.Host.Data, "token"));
        await repository.CommitAsync("with a link");

        var push = await repository.PushAsync();
        Assert.True(push.Status == 0, push.Output);
        var dyno = (await _client.BrowseAsync(app)).Body;

        foreach (var (where, report) in new[] { ("build", push.Output), ("dyno", dyno) })
        {
            Assert.Contains($"{where} tried everything", report, StringComparison.Ordinal);
            Assert.DoesNotContain($"{where} GOT", report, StringComparison.Ordinal);
            Assert.DoesNotContain("victim-", report, StringComparison.Ordinal);
            Assert.DoesNotContain(shared.Host.Token, report, StringComparison.Ordinal);
            Assert.DoesNotContain("uid 0", report, StringComparison.Ordinal);
        }

        Assert.Equal("victim-code", (await _client.AskAsync(victim))["code"]!.GetValue<string>());
    }

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

    private string Burglar(int victim)
    {
        string[] targets =
        [
            $"{shared.Host.Data}/token", $"{shared.Host.Data}/journal.db", $"{shared.Host.Data}/host.key", $"{shared.Host.Data}/slugs", $"{shared.Host.Data}/repositories",
            $"/proc/{shared.Host.Pid}/environ", $"/proc/{shared.Host.Pid}/root/etc/shadow", $"/proc/{victim}/environ", $"/proc/{victim}/cwd/server.js", "/etc/shadow", "./leak",
        ];
        return $$"""
            const fs = require('fs'), child = require('child_process');
            const targets = {{System.Text.Json.JsonSerializer.Serialize(targets)}};
            exports.tries = where => {
              const report = [where + ' uid ' + process.getuid() + ' euid ' + process.geteuid() + ' gid ' + process.getgid() + ' groups ' + process.getgroups()];
              const attempt = (what, act) => { try { act(); report.push(where + ' GOT ' + what) } catch (e) { report.push(where + ' denied ' + what) } };
              for (const target of targets) attempt(target, () => fs.statSync(target).isDirectory() ? fs.readdirSync(target) : fs.readFileSync(target));
              attempt('work listing', () => fs.readdirSync('{{shared.Host.Work}}/dynos'));
              attempt('root by setuid', () => process.setuid(0));
              attempt('root by su', () => { if (String(child.execSync('su -c id 2>&1 </dev/null')).includes('uid=0')) return; throw 0 });
              attempt('write outside', () => fs.writeFileSync('/etc/paas-was-here', 'x'));
              attempt('signal to the host', () => process.kill({{shared.Host.Pid}}, 0));
              attempt('signal to the neighbour', () => process.kill({{victim}}, 0));
              report.push(where + ' tried everything');
              return report.join('\n');
            };
            if (process.argv[2]) console.log(exports.tries(process.argv[2]));
            """;
    }

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
