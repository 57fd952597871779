using System.IO.Compression;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Makes small modules of Go, for an index in the form of a module proxy.</summary>
internal static class ModuleProxy
{
    /// <summary>Publishes a module with one package that has a function <c>Text</c>.</summary>
    /// <returns>Its two lines of a go.sum.</returns>
    public static string Publish(LoopbackIndex index, string module, string version, string text)
    {
        var mod = $"module {module}\n\ngo 1.16\n";
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            [$"{module}@{version}/go.mod"] = mod,
            [$"{module}@{version}/text.go"] = Source(text),
        };
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            foreach (var (name, content) in files)
            {
                using var file = zip.CreateEntry(name).Open();
                file.Write(Encoding.UTF8.GetBytes(content));
            }
        }

        index.Add($"{module}/@v/list", version + "\n");
        index.Add($"{module}/@v/{version}.info", $$"""{"Version":"{{version}}","Time":"2020-01-01T00:00:00Z"}""");
        index.Add($"{module}/@v/{version}.mod", mod);
        index.Add($"{module}/@v/{version}.zip", bytes.ToArray());
        return $"{module} {version} {Sum(files)}\n{module} {version}/go.mod {Sum(new SortedDictionary<string, string>(StringComparer.Ordinal) { ["go.mod"] = mod })}\n";
    }

    public static string Source(string text) => $"package text\n\nfunc Text() string {{ return \"{text}\" }}\n";

    /// <summary>Go's "h1": the digest of a list of digests and names.</summary>
    private static string Sum(SortedDictionary<string, string> files)
    {
        var list = string.Concat(files.Select(static f => $"{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(f.Value)))}  {f.Key}\n"));
        return "h1:" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(list)));
    }
}
