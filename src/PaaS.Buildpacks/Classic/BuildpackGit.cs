using System.Collections.Immutable;
using System.Net.Sockets;

namespace PaaS.Buildpacks;

/// <summary>
/// Gets one commit of a git repository into a directory of a build: by the machine's git, as the build's user, with no configuration but
/// what stands here. No hook and no submodule is taken, nothing is asked, and only one protocol is spoken.
/// </summary>
internal sealed class BuildpackGit(BuildContext context, ClassicDirectories directories)
{
    /// <summary>All that a repository and its files may have.</summary>
    public const long MaxBytes = 512L << 20;

    private const int MaxOutput = 8 * 1024;

    /// <summary>Where git finds certificates: of the operator's variables the only ones that it gets. A proxy would connect where nobody has checked.</summary>
    private static readonly ImmutableArray<string> Certificates = ["SSL_CERT_FILE", "SSL_CERT_DIR", "GIT_SSL_CAINFO", "GIT_SSL_CAPATH", "CURL_CA_BUNDLE"];

    private static readonly ImmutableArray<string> Quiet =
        ["git", "-c", "core.hooksPath=/dev/null", "-c", "credential.helper=", "-c", "advice.detachedHead=false", "-c", "gc.auto=0", "-c", "maintenance.auto=false"];

    /// <summary>Fetches from a host. The connection goes to the address that was checked, and follows no redirect.</summary>
    /// <param name="url">The repository, where the guard found it.</param>
    /// <param name="ref">A branch, a tag or a commit; null for the default branch.</param>
    /// <param name="directory">Where its files go; empty, and the build's user's.</param>
    /// <param name="cancellationToken">Kills git.</param>
    public ValueTask<GitFetch> FetchAsync(PinnedUrl url, string? @ref, string directory, CancellationToken cancellationToken)
    {
        // An address that stands in the URL leads nowhere else.
        var address = url.Address.AddressFamily == AddressFamily.InterNetworkV6 ? $"[{url.Address}]" : url.Address.ToString();
        ImmutableArray<string> pinned = url.Url.HostNameType == UriHostNameType.Dns ? ["-c", $"http.curloptResolve={url.Url.IdnHost}:{url.Url.Port}:{address}"] : [];
        return FetchAsync(url.Url.AbsoluteUri, @ref, directory, "https", ["-c", "http.followRedirects=false", "-c", "http.proxy=", .. pinned], [], cancellationToken);
    }

    /// <summary>Fetches from a repository of the build's own.</summary>
    /// <param name="repository">Its directory.</param>
    /// <param name="ref">A branch, a tag or a commit; null for what it has checked out.</param>
    /// <param name="directory">Where its files go; empty, and the build's user's.</param>
    /// <param name="cancellationToken">Kills git.</param>
    public ValueTask<GitFetch> FetchAsync(string repository, string? @ref, string directory, CancellationToken cancellationToken) =>
        FetchAsync(new Uri(repository).AbsoluteUri, @ref, directory, "file", [], [repository], cancellationToken);

    private async ValueTask<GitFetch> FetchAsync(
        string url, string? @ref, string directory, string protocol, ImmutableArray<string> settings, ImmutableArray<string> mounts, CancellationToken cancellationToken)
    {
        var git = new Git(context, directories, directory, protocol, mounts);
        var failure = await git.RunAsync(["version"], cancellationToken).ConfigureAwait(false)
            ?? TooOld(git.Output)
            ?? await git.RunAsync(["init", "--quiet", "--template="], cancellationToken).ConfigureAwait(false)
            ?? await git.RunAsync([.. settings], ["fetch", "--quiet", "--depth=1", "--no-tags", "--no-recurse-submodules", url, @ref ?? "HEAD"], cancellationToken).ConfigureAwait(false);
        var wanted = "FETCH_HEAD";
        if (failure is not null && IsCommitPart(@ref))
        {
            // A server gives a commit by its full id only, and some servers only the heads of branches.
            wanted = @ref!;
            failure = await git.RunAsync(
                [.. settings],
                ["fetch", "--quiet", "--no-recurse-submodules", url, "+refs/heads/*:refs/remotes/origin/*", "+refs/tags/*:refs/tags/*"],
                cancellationToken).ConfigureAwait(false);
        }

        failure ??= await git.RunAsync(["checkout", "--quiet", "--detach", wanted], cancellationToken).ConfigureAwait(false)
            ?? await git.RunAsync(["rev-parse", "HEAD"], cancellationToken).ConfigureAwait(false);
        return new GitFetch(failure is null ? git.Output.Trim() : null, failure);
    }

    /// <summary>An older git would not connect to the checked address, without a word.</summary>
    private static string? TooOld(string said) =>
        said.Split(' ') is ["git", "version", var version, ..] && version.Trim().Split('.') is [var major, var minor, ..]
        && int.TryParse(major, out var first) && int.TryParse(minor, out var second) && (first, second).CompareTo((2, 37)) >= 0
            ? null
            : $"this machine has '{TreeName.Shown(said.Trim())}', and git 2.37 or newer is needed. Have the platform's operator install it.";

    private static bool IsCommitPart(string? @ref) => @ref is { Length: >= 4 and <= 40 } && @ref.All(char.IsAsciiHexDigit);

    /// <summary>Git in one directory.</summary>
    private sealed class Git(BuildContext context, ClassicDirectories directories, string directory, string protocol, ImmutableArray<string> mounts)
    {
        public string Output { get; private set; } = string.Empty;

        public ValueTask<string?> RunAsync(ImmutableArray<string> arguments, CancellationToken cancellationToken) => RunAsync([], arguments, cancellationToken);

        /// <summary>Runs git; null, or why it failed.</summary>
        public async ValueTask<string?> RunAsync(ImmutableArray<string> settings, ImmutableArray<string> arguments, CancellationToken cancellationToken)
        {
            var (output, error) = (new BoundedText(MaxOutput), new BoundedText(MaxOutput));
            var exit = await context.ExecuteAsync(
                new BuildCommand
                {
                    Command = [.. Quiet, .. settings, .. arguments],
                    Environment = Environment(),
                    WorkingDirectory = directory,
                    Mounts = [.. directories.MountsOf([directory, .. mounts])],
                    MaxBytes = MaxBytes,
                    Output = output.ReadAsync,
                    Error = error.ReadAsync,
                },
                cancellationToken).ConfigureAwait(false);
            Output = output.ToString();
            return exit switch
            {
                { Succeeded: true } => null,
                { Reason: ProcessExitReason.OutOfDisk } => $"it has more than {ByteCount.Short(MaxBytes)}",
                _ => ScriptText.Plain(error.ToString()) is { Length: > 0 } why ? why.Replace('\n', ' ') : $"git ended with status {exit.Status}",
            };
        }

        private ImmutableSortedDictionary<string, string> Environment()
        {
            var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
            foreach (var name in Certificates)
            {
                if (context.Environment.TryGetValue(name, out var value))
                {
                    environment[name] = value;
                }
            }

            environment["PATH"] = context.Environment["PATH"];
            environment["TMPDIR"] = context.Environment["TMPDIR"];
            environment["HOME"] = directory;
            environment["GIT_ALLOW_PROTOCOL"] = protocol;
            environment["GIT_CONFIG_NOSYSTEM"] = "1";
            environment["GIT_CONFIG_GLOBAL"] = "/dev/null";
            environment["GIT_TERMINAL_PROMPT"] = "0";
            environment["GIT_OPTIONAL_LOCKS"] = "0";
            environment["GIT_LFS_SKIP_SMUDGE"] = "1";
            return environment.ToImmutable();
        }
    }
}

/// <summary>How a fetch ended.</summary>
/// <param name="Commit">The commit whose files are there; null if there is none.</param>
/// <param name="Failure">Why there is none.</param>
internal sealed record GitFetch(string? Commit, string? Failure);
