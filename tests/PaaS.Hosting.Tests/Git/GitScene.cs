using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Runtime;

namespace PaaS.Hosting.Tests;

/// <summary>git over HTTP on a real Kestrel, with a receiver that a test decides for.</summary>
internal sealed class GitScene : IAsyncDisposable
{
    public static readonly TimeSpan Deadline = TimeSpan.FromSeconds(120);

    private readonly List<GitClient> _clients = [];

    private GitScene(string directory, PlainLauncher launcher, GitRepositories repositories, ScriptedReceiver receiver, WebApplication web, GitHttp http)
    {
        (Directory, Launcher, Repositories, Receiver, Web, Http) = (directory, launcher, repositories, receiver, web, http);
        Address = new Uri(web.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.Single());
    }

    public string Directory { get; }

    public PlainLauncher Launcher { get; }

    public GitRepositories Repositories { get; }

    public ScriptedReceiver Receiver { get; }

    public WebApplication Web { get; }

    public GitHttp Http { get; }

    public Uri Address { get; }

    public AppId App { get; } = SceneGate.App;

    public string Repository => Repositories.PathOf(App);

    public string Url => $"{Address.Scheme}://any:{SceneGate.Token}@{Address.Authority}/{SceneGate.Name}.git";

    public static async Task<GitScene> StartAsync(long maxPushBytes = 1 << 30, GitLimits? limits = null)
    {
        var directory = System.IO.Directory.CreateTempSubdirectory("paas-git-").FullName;
        var launcher = new PlainLauncher(Path.Combine(directory, "records"));
        var repositories = await GitRepositories.OpenAsync(
            Path.Combine(directory, "repositories"), Path.Combine(directory, "hooks"), launcher, maxPushBytes, CancellationToken.None);
        var receiver = new ScriptedReceiver();
        var http = new GitHttp(repositories, new SceneGate(), receiver, NullLoggerFactory.Instance, limits);
        var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
        builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel => kestrel.Listen(IPAddress.Loopback, 0));
        builder.Services.AddRoutingCore();
        var web = builder.Build();
        web.UseRouting();
        http.Map(web);
        await web.StartAsync();
        return new GitScene(directory, launcher, repositories, receiver, web, http);
    }

    /// <summary>A user with a working copy of their own.</summary>
    public GitClient NewClient()
    {
        var client = new GitClient(Path.Combine(Directory, $"client-{_clients.Count}"), Url);
        _clients.Add(client);
        return client;
    }

    public ValueTask<string?> ReadMainAsync() => Repositories.ReadRefAsync(App, PushRules.Main, CancellationToken.None);

    /// <summary>Runs git in the host's repository, as its operator would.</summary>
    public async Task<string> InRepositoryAsync(params string[] arguments) =>
        await Repositories.Git.DemandAsync(Repository, ["--git-dir=" + Repository, .. arguments], CancellationToken.None);

    /// <summary>When all requests have ended, nothing of a push without a verdict is left.</summary>
    public async Task AssertNothingLeftAsync()
    {
        await Http.DisposeAsync();
        Assert.DoesNotContain(System.IO.Directory.GetDirectories(Path.Combine(Repository, "objects")), path => PushRequest.IsQuarantine(Path.GetFileName(path)));
        Assert.Empty(System.IO.Directory.GetDirectories(Repositories.PushesDirectory));
    }

    public async ValueTask DisposeAsync()
    {
        foreach (var client in _clients)
        {
            client.Dispose();
        }

        await Http.DisposeAsync();
        await Web.StopAsync();
        await Web.DisposeAsync();
        await Launcher.DisposeAsync();
        System.IO.Directory.Delete(Directory, recursive: true);
    }
}
