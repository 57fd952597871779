namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class SandboxStartTests
{
    [Theory]
    [InlineData("exit 42", 42)]
    [InlineData("kill -KILL $$", 137)]
    [InlineData("kill -TERM $$", 143)]
    [InlineData("exit 0", 0)]
    [InlineData("no-such-program", 127)]
    public async Task The_status_is_the_shells(string script, int status)
    {
        await using var scene = await SandboxScene.Open();

        Assert.Equal(status, (await scene.Run(scene.Bash(script))).Status);
    }

    [Fact]
    public async Task A_command_that_does_not_exist_ends_with_127_and_one_that_is_no_program_with_126()
    {
        await using var scene = await SandboxScene.Open();

        var missing = await scene.Run(scene.Spec("no-such-program"));
        var noProgram = await scene.Run(scene.Spec("/etc/passwd"));

        Assert.Equal(127, missing.Status);
        Assert.Contains("no-such-program", missing.Output, StringComparison.Ordinal);
        Assert.Equal(126, noProgram.Status);
    }

    [Fact]
    public async Task The_hosts_own_threads_stay_in_its_working_directory()
    {
        await using var scene = await SandboxScene.Open();
        await Task.WhenAll(Enumerable.Range(0, 20).Select(_ => scene.Run(scene.Bash("true"))));

        // A thread that has ended meanwhile is in none.
        var directories = Directory.GetDirectories("/proc/self/task").Select(static task => new FileInfo(Path.Combine(task, "cwd")).LinkTarget).OfType<string>().Distinct();

        Assert.Equal([Directory.GetCurrentDirectory()], directories);
    }
}
