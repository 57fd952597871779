using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>Keeps an app's environment from build to build, as long as nothing changes that it depends on.</summary>
internal sealed class PythonCache(BuildContext context, string key, CancellationToken cancellationToken)
{
    private const string Format = "1";
    private const string KeyFile = "python/key";

    /// <summary>What an environment depends on.</summary>
    public static string KeyOf(BuildContext context, PythonInterpreter python, PythonPackageTool tool, string dependencies) =>
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(string.Join(
            '\0', Format, context.Stack, python.Path, python.Version, python.Pip, tool, context.Packages.Offline, dependencies))));

    /// <summary>Brings the environment of the build before.</summary>
    /// <returns>Whether there was one that still holds.</returns>
    public async ValueTask<bool> RestoreAsync()
    {
        string? saved;
        try
        {
            saved = new SourceTree(context.CacheDirectory).ReadText(KeyFile, 1024);
        }
        catch (InvalidDataException)
        {
            // The cache is the app's to spoil; then it is not used.
            saved = string.Empty;
        }

        if (saved is null)
        {
            return false;
        }

        if (saved != key)
        {
            context.Output.Heading("Discarding cache: the dependencies or the Python version changed");
            await RunAsync("rm -rf -- \"$1\"").ConfigureAwait(false);
            return false;
        }

        context.Output.Heading("Restoring cache");
        return await RunAsync("mkdir -p .heroku && cp -a --reflink=auto -- \"$1/environment\" \"$2\" || { rm -rf -- \"$2\"; exit 1; }").ConfigureAwait(false);
    }

    /// <summary>Keeps the environment as it is now.</summary>
    public async ValueTask SaveAsync()
    {
        context.Output.Heading("Saving cache");

        // The key comes last: half a copy has none.
        const string Copy = "mkdir -p \"$1\" && rm -rf -- \"$1/key\" \"$1/environment\" && cp -a --reflink=auto -- \"$2\" \"$1/environment\" && printf %s \"$3\" >\"$1/key\"";
        if (!await RunAsync(Copy).ConfigureAwait(false))
        {
            context.Output.Warning("The environment could not be kept; the next build makes it anew.");
        }
    }

    private async ValueTask<bool> RunAsync(string script)
    {
        var exit = await context.RunAsync(
            ["bash", "-c", script, "cache", Path.Combine(context.CacheDirectory, "python"), PythonEnvironment.Directory, key], cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded;
    }
}
