using System.Collections.Concurrent;

namespace PaaS.Hosting;

/// <summary>
/// One bare repository per app, named by the app's id, made when it is first needed. Everything in it but objects and refs
/// is the host's: nothing that a tenant pushed is ever configuration, attribute or hook.
/// </summary>
internal sealed class GitRepositories
{
    public const string Suffix = ".git";
    public const string NewSuffix = ".new";
    public const string DeletedSuffix = ".deleted";

    private readonly ConcurrentDictionary<AppId, Lazy<Task<string>>> _ready = new();
    private readonly string _directory;
    private readonly string _configuration;

    private GitRepositories(string directory, string configuration, long maxPushBytes, GitProgram git)
    {
        (_directory, _configuration, MaxPushBytes, Git) = (directory, configuration, maxPushBytes, git);
    }

    /// <summary>The program.</summary>
    public GitProgram Git { get; }

    /// <summary>The largest pack of a push.</summary>
    public long MaxPushBytes { get; }

    /// <summary>Where pushes that wait have their directories.</summary>
    public string PushesDirectory => Path.Combine(_directory, "pushes");

    /// <summary>Looks for git, writes the hook, and sweeps what a killed host left. No git of an earlier host may be running.</summary>
    /// <param name="directory">Where the repositories are.</param>
    /// <param name="hooks">Where the hook goes; nothing else may be in there.</param>
    /// <param name="launcher">Starts git.</param>
    /// <param name="maxPushBytes">The largest pack.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="GitException">git is missing or too old.</exception>
    public static async Task<GitRepositories> OpenAsync(string directory, string hooks, IProcessLauncher launcher, long maxPushBytes, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(maxPushBytes);
        directory = Path.GetFullPath(directory);
        hooks = Path.GetFullPath(hooks);
        if (directory.Any(char.IsControl) || hooks.Any(char.IsControl))
        {
            throw new GitException("The data directory's path has a control character, which git's configuration cannot hold. Name another directory.");
        }

        var home = Path.Combine(directory, "home");
        var pushes = Path.Combine(directory, "pushes");
        foreach (var own in (string[])[home, pushes])
        {
            if (Directory.Exists(own))
            {
                Directory.Delete(own, recursive: true);
            }

            MakePrivate(own);
        }

        var git = await GitProgram.FindAsync(launcher, home, cancellationToken);
        GitHook.Write(hooks);
        GitLeftovers.Sweep(directory);
        return new GitRepositories(directory, GitRepositoryFiles.Configuration(hooks, maxPushBytes, git.Version), maxPushBytes, git);
    }

    /// <summary>The repository of an app, whether it is there or not.</summary>
    public string PathOf(AppId app) => Path.Combine(_directory, app.Value.ToString("N") + Suffix);

    /// <summary>Gives an app's repository; makes it if there is none.</summary>
    public async ValueTask<string> EnsureAsync(AppId app, CancellationToken cancellationToken)
    {
        var ready = _ready.GetOrAdd(app, static (id, self) => new Lazy<Task<string>>(() => self.MakeAsync(id)), this);
        try
        {
            return await ready.Value.WaitAsync(cancellationToken);
        }
        catch (Exception) when (ready.Value.IsFaulted)
        {
            // The next request tries again.
            _ready.TryRemove(KeyValuePair.Create(app, ready));
            throw;
        }
    }

    /// <summary>Where a ref stands.</summary>
    /// <param name="app">The app.</param>
    /// <param name="reference">Its full name: <c>refs/heads/main</c>.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The commit; null if there is no such ref, or no repository.</returns>
    public async ValueTask<string?> ReadRefAsync(AppId app, string reference, CancellationToken cancellationToken)
    {
        Check(reference);
        var repository = PathOf(app);
        if (!Directory.Exists(repository))
        {
            return null;
        }

        var answer = await Git.RunAsync(repository, ["--git-dir=" + repository, "rev-parse", "--verify", "--quiet", reference], cancellationToken);
        return answer.Status switch
        {
            0 => answer.Output,
            1 => null,
            _ => throw new GitException($"The ref {reference} of {repository} cannot be read: {answer.Error}"),
        };
    }

    /// <summary>Moves a ref, as after a crash between a release's success and git's own update.</summary>
    /// <param name="app">The app.</param>
    /// <param name="reference">Its full name.</param>
    /// <param name="commit">Where to; its objects must be in the repository.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it stands there now: false if there is no repository, or it has no such commit.</returns>
    public async Task<bool> MoveRefAsync(AppId app, string reference, string commit, CancellationToken cancellationToken)
    {
        Check(reference);
        var repository = PathOf(app);
        var directory = "--git-dir=" + repository;
        if (!PushRequest.IsObjectName(commit)
            || !Directory.Exists(repository)
            || (await Git.RunAsync(repository, [directory, "cat-file", "-e", commit + "^{commit}"], cancellationToken)).Status != 0)
        {
            return false;
        }

        await Git.DemandAsync(repository, [directory, "update-ref", "--no-deref", reference, commit], cancellationToken);
        await PointHeadAsync(repository, reference, cancellationToken);
        return true;
    }

    /// <summary>Takes a ref from one commit to another, or to nothing; fails if it is not where it is believed to be.</summary>
    public async Task ReplaceRefAsync(string repository, string reference, string from, string? to, CancellationToken cancellationToken)
    {
        Check(reference);
        string[] arguments = to is null
            ? ["--git-dir=" + repository, "update-ref", "--no-deref", "-d", reference, from]
            : ["--git-dir=" + repository, "update-ref", "--no-deref", reference, to, from];
        await Git.DemandAsync(repository, arguments, cancellationToken);
    }

    /// <summary>Lets a clone find its branch: HEAD follows to the branch that was pushed if the one it names does not exist.</summary>
    public async Task PointHeadAsync(string repository, string reference, CancellationToken cancellationToken)
    {
        Check(reference);
        var directory = "--git-dir=" + repository;
        var head = await Git.RunAsync(repository, [directory, "rev-parse", "--verify", "--quiet", "HEAD"], cancellationToken);
        if (head.Status != 0)
        {
            await Git.DemandAsync(repository, [directory, "symbolic-ref", "HEAD", reference], cancellationToken);
        }
    }

    /// <summary>Deletes an app's repository for good.</summary>
    public void Delete(AppId app)
    {
        _ready.TryRemove(app, out _);
        var repository = PathOf(app);
        if (!Directory.Exists(repository))
        {
            return;
        }

        var deleted = Path.Combine(_directory, Guid.NewGuid().ToString("N") + DeletedSuffix);
        Directory.Move(repository, deleted);
        Posix.SyncDirectory(_directory);
        Directory.Delete(deleted, recursive: true);
    }

    /// <summary>Makes a directory that only its owner can enter.</summary>
    public static void MakePrivate(string directory)
    {
        Directory.CreateDirectory(directory);
        Posix.SetMode(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
    }

    private static void Check(string reference)
    {
        if (!PushRules.Deploys(reference))
        {
            throw new ArgumentException($"Only {PushRules.Main} and {PushRules.Master} are the platform's to read and move.", nameof(reference));
        }
    }

    private async Task<string> MakeAsync(AppId app)
    {
        var repository = PathOf(app);
        if (Directory.Exists(repository))
        {
            GitRepositoryFiles.Write(repository, _configuration);
            return repository;
        }

        // Under another name until all of it is durable.
        var made = Path.Combine(_directory, Guid.NewGuid().ToString("N") + NewSuffix);
        MakePrivate(made);
        await Git.DemandAsync(
            made, ["init", "--quiet", "--bare", "--template=", "--initial-branch=main", "--object-format=sha1", made], CancellationToken.None);
        GitRepositoryFiles.Write(made, _configuration);
        GitRepositoryFiles.Sync(made);
        Directory.Move(made, repository);
        Posix.SyncDirectory(_directory);
        return repository;
    }
}
