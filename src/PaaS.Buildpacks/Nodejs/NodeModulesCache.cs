using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// What <c>npm ci</c> has installed, kept for the next build with the same lock file: a copy takes a tenth of the time, and asks nobody. It
/// serves only where the lock file and the Node.js decide alone what is installed.
/// </summary>
internal sealed class NodeModulesCache(BuildContext context, CancellationToken cancellationToken)
{
    private const string Directory = "node-modules";
    private const int MaxKeyBytes = 256;

    /// <summary>npm runs these of the app's own with an install; what they do depends on the app's files.</summary>
    private static readonly string[] s_installScripts = ["preinstall", "install", "postinstall", "prepublish", "preprepare", "prepare", "postprepare"];

    private string Location => Path.Combine(context.CacheDirectory, Directory);

    /// <summary>Names what would be installed, or null if that depends on more than can be named.</summary>
    public static string? KeyOf(PackageJson package, PackageLock? locked, SourceTree tree, string node, IReadOnlyDictionary<string, string> environment)
    {
        if (locked is null or { HasLinks: true } || package.HasWorkspaces || package.Scripts.Overlaps(s_installScripts)
            || tree.HasFile("binding.gyp") || !NodejsEnvironment.IsCached(environment))
        {
            return null;
        }

        string settings;
        try
        {
            settings = tree.ReadText(".npmrc", PackageJson.MaxBytes) ?? string.Empty;
        }
        catch (InvalidDataException)
        {
            return null;
        }

        var text = new StringBuilder();
        foreach (var part in environment.Where(static v => v.Key.StartsWith("NPM_CONFIG_", StringComparison.OrdinalIgnoreCase) || v.Key == "NODE_ENV").Select(static v => $"{v.Key}={v.Value}")
            .Order(StringComparer.Ordinal).Prepend(settings).Prepend(package.Dependencies).Prepend(locked.Text).Prepend(node))
        {
            _ = text.Append(part.Length).Append(':').Append(part);
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(text.ToString())));
    }

    /// <summary>Puts what is kept into the app, if it is the same. False if it isn't, or can't be had.</summary>
    public async ValueTask<bool> TryRestoreAsync(string key)
    {
        if (!System.IO.Directory.Exists(context.CacheDirectory) || Stored() != key)
        {
            return false;
        }

        var exit = await context.RunAsync(
            ["bash", "-c", """rm -rf node_modules && if [ -d "$1/node_modules" ]; then cp -a --reflink=auto "$1/node_modules" .; fi""", "restore", Location],
            cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded;
    }

    /// <summary>Keeps what is installed now. The key is written last: a copy that was broken off is none.</summary>
    public async ValueTask StoreAsync(string key)
    {
        ImmutableArray<string> command =
        [
            "bash", "-c", """rm -rf "$1" && mkdir -p "$1" && if [ -d node_modules ]; then cp -a --reflink=auto node_modules "$1"; fi && printf %s "$2" >"$1/key" """,
            "store", Location, key,
        ];
        var exit = await context.RunAsync(command, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded)
        {
            context.Output.Warning("node_modules could not be kept for the next build, which will install it again.");
        }
    }

    private string? Stored()
    {
        try
        {
            return new SourceTree(context.CacheDirectory).ReadText($"{Directory}/key", MaxKeyBytes);
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }
}
