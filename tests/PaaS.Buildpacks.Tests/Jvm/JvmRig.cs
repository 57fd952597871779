using System.Diagnostics;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Reflection;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>What tests of the JVM's buildpacks share.</summary>
internal static class JvmRig
{
    public static PackageSources Offline { get; } = new() { Offline = true };

    /// <summary>The folder of a sample app as a source.</summary>
    public static TarBuilder Sample(string name)
    {
        var root = Path.Combine(typeof(JvmRig).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static data => data.Key == "Samples").Value!, "apps", name);
        var source = new TarBuilder();
        foreach (var file in Directory.EnumerateFiles(root, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = 0 }).Order(StringComparer.Ordinal))
        {
            source.File(Path.GetRelativePath(root, file), File.ReadAllText(file));
        }

        return source;
    }

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

    /// <summary>Starts a web process of an unpacked slug as a dyno would, and asks it for a page.</summary>
    public static async Task<string> AskAsync(string app, string command, string path = "/")
    {
        using var port = new TcpListener(IPAddress.Loopback, 0);
        port.Start();
        var number = ((IPEndPoint)port.LocalEndpoint).Port;
        port.Stop();
        var start = new ProcessStartInfo("bash", ["-c", $"for f in .profile.d/*.sh; do . \"$f\"; done; exec {command}"]) { WorkingDirectory = app, RedirectStandardOutput = true, RedirectStandardError = true };
        start.Environment.Clear();
        foreach (var (name, value) in (ReadOnlySpan<(string, string)>)[("PATH", "/usr/bin:/bin"), ("HOME", app), ("DYNO", "web.1"), ("MEMORY_AVAILABLE", "512"), ("PORT", $"{number}")])
        {
            start.Environment[name] = value;
        }

        using var process = Process.Start(start)!;
        var said = Task.WhenAll(process.StandardOutput.ReadToEndAsync(), process.StandardError.ReadToEndAsync());
        try
        {
            using var client = new HttpClient();
            using var deadline = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            while (!process.HasExited)
            {
                try
                {
                    return await client.GetStringAsync(new Uri($"http://127.0.0.1:{number}{path}"), deadline.Token);
                }
                catch (HttpRequestException e) when (e.StatusCode is null)
                {
                    await Task.Delay(50, deadline.Token);
                }
            }

            throw new Xunit.Sdk.XunitException($"'{command}' ended with {process.ExitCode}: {string.Join('\n', await said)}");
        }
        finally
        {
            if (!process.HasExited)
            {
                process.Kill(entireProcessTree: true);
            }

            await said;
            await process.WaitForExitAsync();
        }
    }
}
