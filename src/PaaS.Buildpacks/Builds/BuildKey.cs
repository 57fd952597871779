using System.Buffers.Binary;
using System.Reflection;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// All that a build's result depends on, as one number: two builds with the same key would make the same app. The commit is not in it, though
/// builds can see it; limits are not in it either, as they decide whether a build ends, not what it makes.
/// </summary>
internal static class BuildKey
{
    private const string Format = "2";

    /// <summary>Gives the key.</summary>
    /// <param name="source">The source's digest.</param>
    /// <param name="context">The build.</param>
    /// <param name="options">The operator's.</param>
    /// <param name="buildpacks">In their order.</param>
    public static string Of(string source, BuildContext context, BuildOptions options, IReadOnlyList<SelectedBuildpack> buildpacks)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        Add(hash, Format, VersionOf(typeof(BuildKey).Assembly), typeof(BuildKey).Module.ModuleVersionId.ToString(), typeof(Slug).Module.ModuleVersionId.ToString(), source, context.Stack);
        Add(hash, context.Tree.Within, context.IsSandboxed ? "sandboxed" : "plain", options.Packages.ToString());
        foreach (var buildpack in buildpacks)
        {
            Add(hash, "buildpack", buildpack.Reference.Text, buildpack.Digest, buildpack.Buildpack?.GetType().Module.ModuleVersionId.ToString() ?? string.Empty);
        }

        AddAll(hash, "config", context.ConfigVars);
        AddAll(hash, "environment", options.Environment.OrderBy(static v => v.Key, StringComparer.Ordinal));
        foreach (var path in options.ReadOnlyPaths.IsDefault ? [] : options.ReadOnlyPaths)
        {
            Add(hash, "path", path);
        }

        foreach (var program in InstalledPrograms.Of(context.Environment["PATH"], options.ReadOnlyPaths.IsDefault ? [] : options.ReadOnlyPaths))
        {
            Add(hash, "program", program);
        }

        return Convert.ToHexStringLower(hash.GetHashAndReset());
    }

    /// <summary>What stands for the content of a buildpack that belongs to a package.</summary>
    public static string DigestOf(IBuildpack buildpack)
    {
        var assembly = buildpack.GetType().Assembly;
        return $"{assembly.GetName().Name}@{VersionOf(assembly)}";
    }

    private static string VersionOf(Assembly assembly) =>
        assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()?.InformationalVersion ?? assembly.GetName().Version?.ToString() ?? "0";

    private static void AddAll(IncrementalHash hash, string kind, IEnumerable<KeyValuePair<string, string>> variables)
    {
        foreach (var (name, value) in variables)
        {
            Add(hash, kind, name, value);
        }
    }

    /// <summary>Each text goes with its length: no two lists of texts read the same.</summary>
    private static void Add(IncrementalHash hash, params ReadOnlySpan<string> texts)
    {
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (var text in texts)
        {
            var bytes = Encoding.UTF8.GetBytes(text);
            BinaryPrimitives.WriteInt32LittleEndian(length, bytes.Length);
            hash.AppendData(length);
            hash.AppendData(bytes);
        }
    }
}
