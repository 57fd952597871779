using System.Collections.Concurrent;
using Microsoft.AspNetCore.Http;
using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Core;
using PaaS.Hosting;
using PaaS.Runtime;

namespace PaaS.Benchmarks;

/// <summary>The platform's own endpoint for pushes, with a platform that accepts each of them at once.</summary>
internal sealed class PushEndpoint : IAsyncDisposable
{
    private readonly PlainLauncher _launcher;
    private readonly GitRepositories _repositories;
    private readonly Gate _gate = new();

    private PushEndpoint(PlainLauncher launcher, GitRepositories repositories)
    {
        (_launcher, _repositories) = (launcher, repositories);
        Http = new GitHttp(repositories, _gate, new Receiver(), NullLoggerFactory.Instance);
    }

    public GitHttp Http { get; }

    public static async Task<PushEndpoint> OpenAsync(string root)
    {
        var launcher = new PlainLauncher(Path.Combine(root, "records"));
        return new PushEndpoint(launcher, await GitRepositories.OpenAsync(Path.Combine(root, "repositories"), Path.Combine(root, "hooks"), launcher, 1 << 30, CancellationToken.None));
    }

    public async Task MakeRepositoryAsync(string name)
    {
        var app = AppId.New();
        _gate.Apps[name] = app;
        await _repositories.EnsureAsync(app, CancellationToken.None);
    }

    public async ValueTask DisposeAsync()
    {
        await Http.DisposeAsync();
        await _launcher.DisposeAsync();
    }

    private sealed class Gate : IGitGate
    {
        private static readonly Actor s_somebody = new(new AccountId(Guid.Parse("99999999-3333-4444-5555-666677778888")), "somebody@example.com");

        public ConcurrentDictionary<string, AppId> Apps { get; } = new();

        public ValueTask<GitAccess?> AuthenticateAsync(HttpContext context, string appName, bool write, CancellationToken cancellationToken) =>
            ValueTask.FromResult<GitAccess?>(new GitAccess(Apps[appName], AppName.Parse(appName), s_somebody));
    }

    private sealed class Receiver : IPushReceiver
    {
        public async Task<PushVerdict> ReceiveAsync(Push push, IPushSource source, PushOutput output, CancellationToken cancellationToken)
        {
            if (await source.CheckStillCurrentAsync(cancellationToken) is { } reason)
            {
                return PushVerdict.Rejected(reason);
            }

            await source.KeepObjectsAsync(cancellationToken);
            return PushVerdict.Accepted;
        }
    }
}
