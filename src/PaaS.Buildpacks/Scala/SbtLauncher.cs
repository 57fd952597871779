using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>sbt's launcher: one jar, which is fetched from Maven Central where the machine has no sbt, as the official buildpack does.</summary>
internal sealed class SbtLauncher(BuildContext context, JvmTools tools, MavenIndex index, CancellationToken cancellationToken)
{
    private const string DefaultIndex = "https://repo.maven.apache.org/maven2";
    private const int Sha1Length = 40;

    /// <summary>Fetches it, or takes it from the cache.</summary>
    /// <param name="version">Of sbt.</param>
    /// <returns>Its path, as commands find it, or why there is none.</returns>
    public async ValueTask<(string? Path, string? Problem)> FetchAsync(string version)
    {
        var name = $"sbt-launch-{version}.jar";
        var directory = Path.Combine(context.CacheDirectory, "sbt-launcher");
        var path = Path.Combine(directory, name);
        if (new SourceTree(context.CacheDirectory).HasFile($"sbt-launcher/{name}"))
        {
            return (path, null);
        }

        if (Toolchain.Missing(context, "curl", "curl", "curl") is { } missing)
        {
            return (null, missing);
        }

        context.Output.Heading($"Downloading sbt launcher {version}...");
        var address = $"{index.Central ?? DefaultIndex}/org/scala-sbt/sbt-launch/{version}/{name}";
        var fetched = Path.Combine(context.Environment["TMPDIR"], name);
        var (got, words) = await ReadAsync("curl", ["--output", fetched, "--url", address]).ConfigureAwait(false);
        var (gotSum, sum) = await ReadAsync("curl", ["--url", address + ".sha1"]).ConfigureAwait(false);
        if (!got || !gotSum || sum.Length < Sha1Length)
        {
            return (null, $"The launcher of sbt {version} could not be fetched from {address}{(words.Length > 0 ? $" ({TreeName.Shown(words)})" : string.Empty)}. Check that sbt.version in project/build.properties is a version of sbt, or have sbt installed on the platform's machine.");
        }

        var (summed, actual) = await ReadAsync("sha1sum", ["--", fetched]).ConfigureAwait(false);
        if (!summed || !actual.StartsWith(sum[..Sha1Length], StringComparison.OrdinalIgnoreCase))
        {
            return (null, $"What was fetched from {address} is not what its checksum says. Build again; if it stays so, tell the platform's operator.");
        }

        var (made, problem) = await ReadAsync("mkdir", ["-p", "--", directory]).ConfigureAwait(false);
        (made, problem) = made ? await ReadAsync("mv", ["--", fetched, path]).ConfigureAwait(false) : (made, problem);
        return made ? (path, null) : (null, $"The launcher of sbt could not be kept: {TreeName.Shown(problem)}");
    }

    private async ValueTask<(bool Done, string Output)> ReadAsync(string program, ImmutableArray<string> arguments)
    {
        ImmutableArray<string> command = program == "curl"
            ? ["curl", "--silent", "--show-error", "--fail", "--location", "--proto", "=http,https", "--retry", "3", "--connect-timeout", "5", "--max-time", "60", .. arguments]
            : [program, .. arguments];
        var (exit, output) = await context.ReadAsync(command, tools.Environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return (exit.Succeeded, output);
    }
}
