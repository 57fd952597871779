namespace PaaS.Hosting;

/// <summary>The objects of one push while git waits for the verdict: read through the repository and the quarantine together.</summary>
internal sealed class PushSource : IPushSource, IDisposable
{
    // A few trees that hold each other many times make billions of paths.
    private const int MaxEntries = 1_000_000;

    private readonly GitRepositories _repositories;
    private readonly AppTraffic _traffic;
    private readonly Push _push;
    private readonly string _repository;
    private readonly string? _quarantine;
    private readonly Dictionary<string, string> _environment = [];
    private bool _holdsLanding;

    public PushSource(GitRepositories repositories, AppTraffic traffic, Push push, string repository, string? quarantine)
    {
        (_repositories, _traffic, _push, _repository) = (repositories, traffic, push, repository);
        if (quarantine is not null)
        {
            _quarantine = Path.Combine(repository, "objects", quarantine);
            _environment["GIT_ALTERNATE_OBJECT_DIRECTORIES"] = Quote(_quarantine);
        }
    }

    /// <summary>Whether the objects are the repository's own by now.</summary>
    public bool Kept { get; private set; }

    public async ValueTask<string?> CheckStillCurrentAsync(CancellationToken cancellationToken)
    {
        await TakeLandingAsync(cancellationToken);
        var current = await _repositories.ReadRefAsync(_push.App, _push.Ref, cancellationToken);
        return current is null || current == _push.OldCommit || await IsDescendantAsync(current, cancellationToken)
            ? null
            : $"{PushRules.Short(_push.Ref)} has moved to {current[..12]} while this push waited; fetch, merge and push again";
    }

    public async ValueTask<Stream> OpenTreeAsync(CancellationToken cancellationToken) => new GitOutputStream(
        await StartAsync(["archive", "--format=tar", _push.NewCommit], cancellationToken), "git archive");

    public async ValueTask<bool> IsDescendantAsync(string ancestor, CancellationToken cancellationToken)
    {
        if (!PushRequest.IsObjectName(ancestor))
        {
            throw new ArgumentException("An ancestor is a commit's full name in hex.", nameof(ancestor));
        }

        var answer = await RunAsync(["merge-base", "--is-ancestor", ancestor, _push.NewCommit], cancellationToken);
        return answer.Status switch
        {
            0 => true,
            1 => false,
            _ => throw new GitException($"git cannot tell whether {ancestor} came before {_push.NewCommit}: {answer.Error}"),
        };
    }

    public async ValueTask KeepObjectsAsync(CancellationToken cancellationToken)
    {
        if (_quarantine is not null && !Kept)
        {
            await Task.Run(() => QuarantinedObjects.Keep(Path.Combine(_repository, "objects"), _quarantine), cancellationToken);
        }

        Kept = true;
    }

    /// <summary>The kind of the pushed object: <c>commit</c>, if all is well.</summary>
    public async ValueTask<string> KindAsync(CancellationToken cancellationToken)
    {
        var answer = await RunAsync(["cat-file", "-t", _push.NewCommit], cancellationToken);
        return answer.Status == 0 ? answer.Output : "missing object";
    }

    /// <summary>How many submodules the tree has, and the path of the first; of a tree that is out of all bounds, only its first part counts.</summary>
    public async ValueTask<(int Count, string? First)> FindSubmodulesAsync(CancellationToken cancellationToken)
    {
        const string Gitlink = "160000 ";
        await using var listing = new GitOutputStream(await StartAsync(["ls-tree", "-r", "-z", "--full-tree", _push.NewCommit], cancellationToken), "git ls-tree");
        using var reader = new StreamReader(listing);
        var (count, first) = (0, (string?)null);
        var entries = new NullSeparated(reader);
        for (var i = 0; i < MaxEntries && await entries.ReadAsync(cancellationToken) is { } entry; i++)
        {
            if (entry.StartsWith(Gitlink, StringComparison.Ordinal))
            {
                count++;
                first ??= entry[(entry.IndexOf('\t', StringComparison.Ordinal) + 1)..];
            }
        }

        return (count, first);
    }

    /// <summary>
    /// After an accepting verdict: puts the ref where the client believes it, so that git's own update, which checks just
    /// that, goes through although another push has landed since.
    /// </summary>
    public async ValueTask PrepareLandingAsync(CancellationToken cancellationToken)
    {
        await TakeLandingAsync(cancellationToken);
        await KeepObjectsAsync(cancellationToken);
        var current = await _repositories.ReadRefAsync(_push.App, _push.Ref, cancellationToken);
        if (current is not null && current != _push.OldCommit)
        {
            await _repositories.ReplaceRefAsync(_repository, _push.Ref, current, _push.OldCommit, cancellationToken);
        }

        await _repositories.PointHeadAsync(_repository, _push.Ref, cancellationToken);
    }

    /// <summary>The push has ended: the next one may land.</summary>
    public void Dispose()
    {
        if (_holdsLanding)
        {
            _holdsLanding = false;
            _traffic.Landing.Release();
        }
    }

    private async ValueTask TakeLandingAsync(CancellationToken cancellationToken)
    {
        if (!_holdsLanding)
        {
            await _traffic.Landing.WaitAsync(cancellationToken);
            _holdsLanding = true;
        }
    }

    private ValueTask<ProcessHandle> StartAsync(string[] arguments, CancellationToken cancellationToken) =>
        _repositories.Git.StartAsync(_repository, ["--git-dir=" + _repository, .. arguments], _environment, cancellationToken: cancellationToken);

    private ValueTask<GitAnswer> RunAsync(string[] arguments, CancellationToken cancellationToken) =>
        _repositories.Git.RunAsync(_repository, ["--git-dir=" + _repository, .. arguments], cancellationToken, _environment);

    // git takes a list with ':' between, and quotes for a path that has one.
    private static string Quote(string path) =>
        '"' + path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
}
