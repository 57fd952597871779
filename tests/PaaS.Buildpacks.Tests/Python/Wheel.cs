using System.IO.Compression;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Makes small Python packages.</summary>
internal static class Wheel
{
    /// <summary>A wheel with one module of the package's name, and a program of the same name that prints its version.</summary>
    public static byte[] Make(string name, string version, params string[] dependencies)
    {
        var info = $"{name}-{version}.dist-info";
        using var bytes = new MemoryStream();
        using (var zip = new ZipArchive(bytes, ZipArchiveMode.Create, leaveOpen: true))
        {
            Add(zip, $"{name}.py", $"version = '{version}'\ndef main():\n    print('{name}', version)\n");
            Add(zip, $"{info}/METADATA", $"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n{string.Concat(dependencies.Select(static d => $"Requires-Dist: {d}\n"))}");
            Add(zip, $"{info}/WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n");
            Add(zip, $"{info}/entry_points.txt", $"[console_scripts]\n{name} = {name}:main\n");
            Add(zip, $"{info}/RECORD", $"{name}.py,,\n{info}/METADATA,,\n{info}/WHEEL,,\n{info}/entry_points.txt,,\n{info}/RECORD,,\n");
        }

        return bytes.ToArray();
    }

    /// <summary>Puts wheels into an index in the form of PyPI's simple API.</summary>
    public static void Publish(LoopbackIndex index, string name, params string[] versions)
    {
        foreach (var version in versions)
        {
            index.Add($"files/{name}-{version}-py3-none-any.whl", Make(name, version));
        }

        index.Add($"simple/{name}/", string.Concat(versions.Select(version => $"<a href=\"/files/{name}-{version}-py3-none-any.whl\">{name}-{version}-py3-none-any.whl</a>\n")));
    }

    private static void Add(ZipArchive zip, string name, string content)
    {
        using var file = zip.CreateEntry(name).Open();
        file.Write(Encoding.UTF8.GetBytes(content));
    }
}
