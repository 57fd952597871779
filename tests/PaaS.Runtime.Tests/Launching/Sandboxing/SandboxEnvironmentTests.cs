namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class SandboxEnvironmentTests
{
    [Fact]
    public async Task The_command_sees_the_variables_of_its_spec_and_its_marker_and_nothing_else()
    {
        var scene = await SharedSandbox.OpenAsync();
        var wanted = LauncherScene.Variables(
            ("PATH", "/usr/bin"), ("A", "1"), ("EMPTY", ""), ("PWD", "/nowhere"), ("LINES", "a\n\nb\n"), ("IFS", "/+01e\n"), ("QUOTES", "' \" \\ $HOME `id` ; --bind / /"), ("UNICODE", "Łódź \U0001F600"));

        var (output, status) = await scene.Run(scene.Spec("/usr/bin/env", "-0") with { Environment = wanted });

        var seen = output.Split('\0', StringSplitOptions.RemoveEmptyEntries).Select(static entry => entry.Split('=', 2)).ToDictionary(static pair => pair[0], static pair => pair[1]);
        Assert.Equal(0, status);
        Assert.True(seen.Remove("PAAS_PROCESS"));
        Assert.Equal(wanted.AsEnumerable(), seen.OrderBy(static pair => pair.Key, StringComparer.Ordinal));
    }

    [Theory]
    [InlineData("LD_PRELOAD", "{0}/trap.so")]
    [InlineData("LD_LIBRARY_PATH", "{0}")]
    [InlineData("LD_AUDIT", "{0}/trap.so")]
    [InlineData("LD_DEBUG_OUTPUT", "{0}/touched")]
    [InlineData("BASH_ENV", "{0}/trap.sh")]
    [InlineData("ENV", "{0}/trap.sh")]
    [InlineData("PATH", "{0}:/usr/bin:/bin")]
    [InlineData("GCONV_PATH", "{0}")]
    [InlineData("PROMPT_COMMAND", "touch {0}/touched")]
    [InlineData("PS4", "$(touch {0}/touched)")]
    [InlineData("SHELLOPTS", "xtrace")]
    public async Task A_variable_acts_on_nothing_outside(string name, string value)
    {
        var scene = await SharedSandbox.OpenAsync();
        var trap = Directory.CreateTempSubdirectory("paas-trap-").FullName;
        try
        {
            // Whatever is looked up by these variables outside is found here, and leaves a trace; the sandbox doesn't have the directory.
            File.SetUnixFileMode(trap, (UnixFileMode)0b111_111_111);
            var script = $"#!/bin/sh\n/bin/touch {trap}/touched\n";
            foreach (var tool in new[] { "trap.sh", "trap.so", "mount", "setpriv", "bwrap", "sh", "unshare", "true", "prlimit", "nice" })
            {
                await File.WriteAllTextAsync(Path.Combine(trap, tool), script);
                File.SetUnixFileMode(Path.Combine(trap, tool), (UnixFileMode)0b111_101_101);
            }

            var variables = LauncherScene.Variables((name, string.Format(System.Globalization.CultureInfo.InvariantCulture, value, trap)), ("LD_DEBUG", "libs"));
            await using var process = await scene.Start(scene.Spec("/bin/sleep", "300") with { Environment = variables, Limits = new ProcessLimits(OpenFiles: 100, Niceness: 1) });

            await RealProcesses.Until(() => process.ListProcesses().Any(static pid => Is(pid, "sleep")), "it sleeps");
            Assert.False(File.Exists(Path.Combine(trap, "touched")));
            Assert.Empty(Directory.GetFiles(trap, "touched*"));
            foreach (var pid in process.ListProcesses().Where(static pid => !Is(pid, "sleep")))
            {
                Assert.Equal("", await File.ReadAllTextAsync($"/proc/{pid}/environ"));
                Assert.DoesNotContain(trap, await File.ReadAllTextAsync($"/proc/{pid}/maps"), StringComparison.Ordinal);
            }
        }
        finally
        {
            Directory.Delete(trap, recursive: true);
        }
    }

    [Fact]
    public async Task No_value_stands_in_any_command_line_while_processes_start()
    {
        var scene = await SharedSandbox.OpenAsync();
        var secret = "s3cr3t" + Guid.NewGuid().ToString("N");
        var seen = 0;
        using var stop = new CancellationTokenSource();
        var looking = Task.Run(() =>
        {
            var looks = 0;
            for (; !stop.IsCancellationRequested; looks++)
            {
                seen += Directory.GetDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])).Count(path => Read(path + "/cmdline").Contains(secret, StringComparison.Ordinal));
            }

            return looks;
        });

        for (var i = 0; i < 10; i++)
        {
            var (output, _) = await scene.Run(scene.Spec("/usr/bin/printenv", "KEY") with { Environment = LauncherScene.Variables(("KEY", secret)) });
            Assert.Equal(secret + "\n", output);
        }

        await stop.CancelAsync();
        Assert.True(await looking > 0);
        Assert.Equal(0, seen);
    }

    private static bool Is(int pid, string program) => Read($"/proc/{pid}/comm") == program + "\n";

    private static string Read(string path)
    {
        try
        {
            return File.ReadAllText(path);
        }
        catch (IOException)
        {
            return string.Empty;
        }
    }
}
