using System.Reflection;

namespace PaaS.Buildpacks.Tests;

/// <summary>The sample apps of the repository.</summary>
internal static class SampleApp
{
    private static readonly string[] Made = ["bin", "obj", ".venv", "__pycache__", "node_modules", "staticfiles"];
    private static readonly string Root = typeof(SampleApp).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Samples").Value!;

    /// <summary>Where a file of one is.</summary>
    public static string PathOf(string name, string file) => Path.Combine(Root, "apps", name, file);

    /// <summary>The source of one, as git would have it.</summary>
    public static TarBuilder Source(string name) => SourceOf(Path.Combine("apps", name));

    /// <summary>The source of one that does not stand with the others.</summary>
    /// <param name="path">Its path below <c>samples</c>.</param>
    public static TarBuilder SourceOf(string path)
    {
        var directory = Path.Combine(Root, path);
        var source = new TarBuilder();
        foreach (var file in Files(new DirectoryInfo(directory)).OrderBy(static f => f.FullName, StringComparer.Ordinal))
        {
            source.File(Path.GetRelativePath(directory, file.FullName), File.ReadAllText(file.FullName), (int)file.UnixFileMode);
        }

        return source;
    }

    private static IEnumerable<FileInfo> Files(DirectoryInfo directory) =>
        directory.GetFiles().Concat(directory.GetDirectories().Where(d => !Made.Contains(d.Name) || IsRails(directory, d)).SelectMany(Files));

    /// <summary>A Rails app's bin is source; what compilers make has the same name.</summary>
    private static bool IsRails(DirectoryInfo parent, DirectoryInfo directory) => directory.Name == "bin" && File.Exists(Path.Combine(parent.FullName, "Gemfile"));
}
