using System.Diagnostics;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>What tests of the JVM's buildpacks share.</summary>
internal static class JvmRig
{
    public static PackageSources Offline { get; } = new() { Offline = true };

    public static ConfigVars Config(params (string Name, string Value)[] variables)
    {
        Assert.True(ConfigPatch.TryCreate([.. variables.Select(static v => new KeyValuePair<string, string?>(v.Name, v.Value))], out var patch, out _));
        return ConfigVars.Empty.Apply(patch);
    }

    /// <summary>Puts scripts in front of the machine's programs.</summary>
    public static Func<BuildOptions, BuildOptions> Programs(string directory, PackageSources packages, params (string Name, string Script)[] programs)
    {
        Directory.CreateDirectory(directory);
        foreach (var (name, script) in programs)
        {
            File.WriteAllText(Path.Combine(directory, name), "#!/bin/bash\n" + script);
            File.SetUnixFileMode(Path.Combine(directory, name), (UnixFileMode)0b111_101_101);
        }

        return options => options with { Packages = packages, Environment = options.Environment.Append(new("PATH", $"{directory}:/usr/local/bin:/usr/bin:/bin")).ToDictionary() };
    }

    /// <summary>A library of one class, <c>Greeting</c>, made here: its files by their paths in a repository.</summary>
    public static Dictionary<string, byte[]> Library(string group, string name, string version)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, ("Greeting.java", $"package {group};\npublic class Greeting {{}}\n"));
        Run(temp.Path, "javac", "-d", "classes", "Greeting.java");
        Run(temp.Path, "jar", "--create", "--file", "library.jar", "-C", "classes", ".");
        var path = $"/{group.Replace('.', '/')}/{name}/{version}/{name}-{version}";
        var pom = $"<project><modelVersion>4.0.0</modelVersion><groupId>{group}</groupId><artifactId>{name}</artifactId><version>{version}</version></project>";
        return new Dictionary<string, byte[]> { [path + ".pom"] = Encoding.UTF8.GetBytes(pom), [path + ".jar"] = File.ReadAllBytes(temp["library.jar"]) };
    }

    /// <summary>Runs a tool of the machine's.</summary>
    public static void Run(string directory, string program, params string[] arguments)
    {
        using var process = Process.Start(new ProcessStartInfo(program, arguments) { WorkingDirectory = directory })!;
        process.WaitForExit();
        Assert.Equal(0, process.ExitCode);
    }
}
