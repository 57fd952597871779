using System.Collections.Immutable;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class ProcessEnvironmentTests
{
    [Fact]
    public async Task A_command_sees_the_variables_of_its_spec_and_its_marker_and_nothing_else()
    {
        await using var scene = new LauncherScene();
        var wanted = LauncherScene.Variables(("PATH", "/usr/bin"), ("A", "1"), ("EMPTY", ""), ("lower_case", "x y"));

        var seen = await Print(scene, wanted);

        Assert.True(Guid.TryParseExact(seen["PAAS_PROCESS"], "N", out _));
        Assert.Equal(wanted, seen.Remove("PAAS_PROCESS"));
    }

    [Fact]
    public async Task Hostile_variables_arrive_as_they_are_and_act_on_nothing_before_the_command()
    {
        await using var scene = new LauncherScene();
        var trap = Path.Combine(scene.Directory, "trap");
        var wanted = LauncherScene.Variables(
            ("PATH", scene.Directory + ":/usr/bin"),
            ("BASH_ENV", trap),
            ("ENV", trap),
            ("IFS", "/+01e\n"),
            ("PS1", "$(touch " + trap + ")"),
            ("PS4", "`touch " + trap + "`"),
            ("SHELLOPTS", "xtrace"),
            ("PWD", "/nowhere"),
            ("OLDPWD", "x"),
            ("CDPATH", "/tmp"),
            ("SHLVL", "7"),
            ("_", "underscore"),
            ("PAAS_PROCESS", "mine"),
            ("POSIXLY_CORRECT", "1"),
            ("LC_ALL", "xx_YY"),
            ("TMOUT", "1"),
            ("LINES", "\n\n"),
            ("QUOTES", "' \" \\ \\n $HOME $(id) `id` %s ; & | \r\t  "),
            ("UNICODE", "Łódź \U0001F600 " + new string([.. Enumerable.Range(0x80, 0x180).Select(static i => (char)i)])),
            ("CONTROL", new string([.. Enumerable.Range(1, 31).Select(static i => (char)i)])),
            ("LARGE", string.Join('\n', Enumerable.Repeat(new string('x', 63), 1000))));

        var seen = await Print(scene, wanted);

        Assert.Equal(wanted.Remove("PAAS_PROCESS"), seen.Remove("PAAS_PROCESS"));
        Assert.NotEqual("mine", seen["PAAS_PROCESS"]);
        Assert.False(File.Exists(trap));
    }

    [Fact]
    public async Task The_linker_obeys_a_variable_in_the_command_alone()
    {
        await using var scene = new LauncherScene();
        var spec = LauncherScene.Spec("/bin/true") with
        {
            Environment = LauncherScene.Variables(("LD_PRELOAD", "/nowhere.so")),
            UserId = RealProcesses.IsRoot ? RealProcesses.StrangerId : null,
        };

        var (output, _) = await scene.Run(spec);

        // The linker complains once in each program that it obeys it in.
        Assert.Single(output.Split('\n'), static line => line.Contains("/nowhere.so", StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_program_is_looked_up_in_the_path_of_the_spec()
    {
        await using var scene = new LauncherScene();
        var program = Path.Combine(scene.Directory, "tool");
        await File.WriteAllTextAsync(program, "#!/bin/sh\necho found\n");
        File.SetUnixFileMode(program, (UnixFileMode)0b111_101_101);

        var found = await scene.Run(LauncherScene.Spec("tool") with { Environment = LauncherScene.Variables(("PATH", scene.Directory)) });
        var without = await scene.Run(LauncherScene.Spec("printenv") with { Environment = LauncherScene.Variables(("A", "1")) });

        Assert.Equal(("found\n", 0), found);
        Assert.Equal(0, without.Status);
        Assert.DoesNotContain("PATH", without.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("BASH_FUNC_x%%")]
    [InlineData("a-b")]
    [InlineData("1A")]
    [InlineData("A=B")]
    [InlineData("")]
    [InlineData("A\nB")]
    [InlineData("__paas_line")]
    public async Task A_name_that_no_shell_can_hand_on_is_refused(string name)
    {
        await using var scene = new LauncherScene();

        var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () =>
            await scene.Start(LauncherScene.Spec("/bin/true") with { Environment = LauncherScene.Variables((name, "secret")) }));

        Assert.Contains("name of an environment variable", refusal.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_value_that_the_system_could_not_take_is_refused_without_being_shown()
    {
        await using var scene = new LauncherScene();
        ImmutableSortedDictionary<string, string>[] impossible =
        [
            LauncherScene.Variables(("A", "secret\0")),
            LauncherScene.Variables(("A", "secret" + new string('x', 128 * 1024))),
            Enumerable.Range(0, 20).ToImmutableSortedDictionary(static i => $"A{i}", static _ => "secret" + new string('x', 60_000)),
        ];

        foreach (var environment in impossible)
        {
            var refusal = await Assert.ThrowsAsync<ProcessStartException>(async () => await scene.Start(LauncherScene.Spec("/bin/true") with { Environment = environment }));
            Assert.DoesNotContain("secret", refusal.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task No_value_stands_in_any_command_line_while_processes_start()
    {
        await using var scene = new LauncherScene();
        var secret = "s3cr3t" + Guid.NewGuid().ToString("N");
        var seen = 0;
        using var stop = new CancellationTokenSource();
        var looking = Task.Run(() =>
        {
            var looks = 0;
            for (; !stop.IsCancellationRequested; looks++)
            {
                seen += CommandLines().Count(line => line.Contains(secret, StringComparison.Ordinal));
            }

            return looks;
        });

        for (var i = 0; i < 20; i++)
        {
            var (output, _) = await scene.Run(LauncherScene.Spec("/usr/bin/printenv", "KEY") with { Environment = LauncherScene.Variables(("KEY", secret)) });
            Assert.Equal(secret + "\n", output);
        }

        await stop.CancelAsync();
        Assert.True(await looking > 0);
        Assert.Equal(0, seen);
    }

    private static IEnumerable<string> CommandLines()
    {
        foreach (var process in Directory.GetDirectories("/proc").Where(static path => char.IsAsciiDigit(Path.GetFileName(path)[0])))
        {
            string line;
            try
            {
                line = File.ReadAllText(Path.Combine(process, "cmdline"));
            }
            catch (IOException)
            {
                continue;
            }

            yield return line;
        }
    }

    private static async Task<ImmutableSortedDictionary<string, string>> Print(LauncherScene scene, ImmutableSortedDictionary<string, string> environment)
    {
        var (output, status) = await scene.Run(LauncherScene.Spec("/usr/bin/env", "-0") with { Environment = environment });
        Assert.Equal(0, status);
        return output.Split('\0', StringSplitOptions.RemoveEmptyEntries)
            .Select(static entry => entry.Split('=', 2))
            .ToImmutableSortedDictionary(static pair => pair[0], static pair => pair[1], StringComparer.Ordinal);
    }
}
