using System.Collections.Immutable;
using System.Xml.Linq;

namespace PaaS.Buildpacks;

/// <summary>What a project makes.</summary>
internal enum DotnetProjectKind
{
    /// <summary>A library, tests, or something unknown: nothing that is started.</summary>
    Other,

    /// <summary>A program.</summary>
    Console,

    /// <summary>A worker service.</summary>
    Worker,

    /// <summary>A web app.</summary>
    Web,
}

/// <summary>What a build reads in a project file, or in the C# file of a file-based app.</summary>
/// <param name="Path">The file.</param>
/// <param name="Kind">What it makes.</param>
/// <param name="AssemblyName">The name of its program.</param>
/// <param name="TargetFramework">Such as <c>net10.0</c>; null if it says none, or several.</param>
internal sealed record DotnetProject(string Path, DotnetProjectKind Kind, string AssemblyName, string? TargetFramework)
{
    private const int MaxBytes = 2 << 20;

    /// <summary>Whether it runs without the runtime that it was made for: it brings its own, or takes a newer one.</summary>
    public bool IsIndependent { get; private init; }

    /// <summary>Whether a file-based app asks to be compiled to machine code.</summary>
    public bool IsNative { get; private init; }

    /// <summary>The directory of the file; empty for the root.</summary>
    public string Directory => Path.LastIndexOf('/') is >= 0 and var cut ? Path[..cut] : string.Empty;

    /// <summary>Where <c>dotnet publish</c> puts the program.</summary>
    public string PublishDirectory => Directory.Length == 0 ? "bin/publish" : $"{Directory}/bin/publish";

    /// <summary>Reads one, or says what is wrong.</summary>
    public static DotnetProject? Read(SourceTree tree, string path, out string? problem)
    {
        var text = tree.ReadText(path, MaxBytes) ?? string.Empty;
        return path.EndsWith(".cs", StringComparison.Ordinal) ? OfFile(tree, path, text, out problem) : OfProject(tree, path, text, out problem);
    }

    private static DotnetProject? OfProject(SourceTree tree, string path, string text, out string? problem)
    {
        if (BuildXml.Read(path, text, out problem) is not { } root)
        {
            return null;
        }

        var sdk = root.Elements().FirstOrDefault(static e => e.Name.LocalName == "Sdk")?.Attribute("Name")?.Value ?? root.Attribute("Sdk")?.Value ?? string.Empty;
        var framework = Property(root, "TargetFramework") ?? Inherited(tree, path, out problem);
        return problem is not null
            ? null
            : new DotnetProject(path, KindOf(sdk, Property(root, "OutputType")), Property(root, "AssemblyName") is { } name && name.Trim().Length > 0 ? name.Trim() : Stem(path), framework?.Trim())
            {
                IsIndependent = IsTrue(Property(root, "SelfContained")) || IsTrue(Property(root, "PublishSelfContained")) || IsTrue(Property(root, "PublishAot"))
                    || Property(root, "RollForward")?.Trim() is "Major" or "LatestMajor",
            };
    }

    private static DotnetProject? OfFile(SourceTree tree, string path, string text, out string? problem)
    {
        var directives = text.ReplaceLineEndings("\n").Split('\n').Select(static line => line.Trim()).ToList();
        string? Directive(string name) => directives.Find(line => line.StartsWith(name, StringComparison.Ordinal))?[name.Length..].Trim();
        var framework = Directive("#:property TargetFramework=") ?? Inherited(tree, path, out problem) ?? "net10.0";
        problem = null;
        return new DotnetProject(
            path, KindOf(Directive("#:sdk ")?.Split('@')[0] ?? "Microsoft.NET.Sdk", "Exe"), Directive("#:property AssemblyName=") is { Length: > 0 } name ? name : Stem(path), framework)
        {
            IsNative = IsTrue(Directive("#:property PublishAot=")),
            IsIndependent = IsTrue(Directive("#:property SelfContained=")) || IsTrue(Directive("#:property PublishAot=")),
        };
    }

    private static DotnetProjectKind KindOf(string sdk, string? outputType) => sdk.Split('/')[0] switch
    {
        "Microsoft.NET.Sdk" when outputType?.Trim() == "Exe" => DotnetProjectKind.Console,
        "Microsoft.NET.Sdk.Web" or "Microsoft.NET.Sdk.Razor" => DotnetProjectKind.Web,
        "Microsoft.NET.Sdk.Worker" => DotnetProjectKind.Worker,
        _ => DotnetProjectKind.Other,
    };

    /// <summary>The last of a property's values, as MSBuild has it; conditions are not looked at.</summary>
    private static string? Property(XElement root, string name) =>
        root.Elements().Where(static e => e.Name.LocalName == "PropertyGroup").Elements().LastOrDefault(e => e.Name.LocalName == name)?.Value;

    /// <summary>The target framework of the nearest Directory.Build.props above.</summary>
    private static string? Inherited(SourceTree tree, string path, out string? problem)
    {
        problem = null;
        var parts = path.Split('/')[..^1];
        for (var depth = parts.Length; depth >= 0; depth--)
        {
            var props = string.Join('/', parts.Take(depth).Append("Directory.Build.props"));
            if (tree.ReadText(props, MaxBytes) is { } text)
            {
                return BuildXml.Read(props, text, out problem) is { } root ? Property(root, "TargetFramework") : null;
            }
        }

        return null;
    }

    private static bool IsTrue(string? value) => string.Equals(value?.Trim(), "true", StringComparison.OrdinalIgnoreCase);

    private static string Stem(string path) => System.IO.Path.GetFileNameWithoutExtension(path);
}
