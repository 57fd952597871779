namespace PaaS.Hosting.Tests;

public sealed class GitHookTests : IAsyncLifetime
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-hook-").FullName;
    private GitScene _scene = null!;

    public async Task InitializeAsync() => _scene = await GitScene.StartAsync();

    public async Task DisposeAsync()
    {
        await _scene.DisposeAsync();
        Directory.Delete(_directory, recursive: true);
    }

    [Fact]
    public async Task A_host_that_dies_before_it_reads_fails_the_push()
    {
        var channel = HookChannel.Open(_directory);
        var hook = StartHook(channel.Path);
        await hook.Input.DisposeAsync();

        // What the kernel does at a host's death: its descriptors close, the files stay.
        await CloseAsync(channel);

        await AssertLostAsync(hook);
    }

    [Fact]
    public async Task A_host_that_dies_after_it_has_read_fails_the_push()
    {
        var channel = HookChannel.Open(_directory);
        var hook = StartHook(channel.Path);
        await hook.Input.WriteAsync("0000000000000000000000000000000000000000 1111111111111111111111111111111111111111 refs/heads/main\n"u8.ToArray());
        await hook.Input.DisposeAsync();
        var request = await channel.ReadRequestAsync(CancellationToken.None).WaitAsync(GitScene.Deadline);
        Assert.Equal(new RefUpdate(null, new string('1', 40), PushRules.Main), Assert.Single(request.Updates));
        Assert.Equal("tmp_objdir-incoming-AbCd12", request.Quarantine);

        await CloseAsync(channel);

        await AssertLostAsync(hook);
    }

    [Theory]
    [InlineData(true, 0)]
    [InlineData(false, 1)]
    public async Task A_verdict_comes_after_all_lines(bool accepted, int status)
    {
        await using var channel = HookChannel.Open(_directory);
        var hook = StartHook(channel.Path);
        await hook.Input.DisposeAsync();
        await channel.ReadRequestAsync(CancellationToken.None).WaitAsync(GitScene.Deadline);
        var output = new PushOutput();
        output.Line("one");
        output.Line("two\nthree");
        output.Complete();
        await channel.RelayAsync(output, CancellationToken.None);
        await channel.AnswerAsync(accepted);

        Assert.Equal("one\ntwo\nthree", await GitText.ReadStartAsync(hook.Error).WaitAsync(GitScene.Deadline));
        Assert.Equal(status, (await hook.Exited.WaitAsync(GitScene.Deadline)).Status);
        await hook.DisposeAsync();
    }

    [Fact]
    public async Task A_hook_without_a_host_fails_the_push()
    {
        await AssertLostAsync(StartHook(Path.Combine(_directory, "nothing")));
    }

    [Fact]
    public async Task Lines_that_a_slow_client_cannot_take_are_left_out_and_counted()
    {
        var output = new PushOutput();
        var line = new byte[1 << 20];
        Array.Fill(line, (byte)'x');
        for (var i = 0; i < 6; i++)
        {
            output.Line(line);
        }

        output.Complete();
        var text = new MemoryStream();
        await output.CopyToAsync(text, CancellationToken.None);

        Assert.Contains("3 lines are left out here", System.Text.Encoding.UTF8.GetString(text.ToArray()), StringComparison.Ordinal);
    }

    private static async Task CloseAsync(HookChannel channel)
    {
        var path = channel.Path;
        var aside = path + "-aside";
        Directory.Move(path, aside);
        Directory.CreateDirectory(path);
        await channel.DisposeAsync();
        Directory.Move(aside, path);
    }

    private static async Task AssertLostAsync(ProcessHandle hook)
    {
        var said = await GitText.ReadStartAsync(hook.Error).WaitAsync(GitScene.Deadline);
        Assert.Contains("The platform stopped during this push", said, StringComparison.Ordinal);
        Assert.NotEqual(0, (await hook.Exited.WaitAsync(GitScene.Deadline)).Status);
        await hook.DisposeAsync();
    }

    private ProcessHandle StartHook(string channel) => _scene.Launcher.StartAsync(new ProcessSpec
    {
        Command = [Path.Combine(_scene.Directory, "hooks", GitHook.Name)],
        WorkingDirectory = _directory,
        Label = "hook",
        RedirectInput = true,
        SeparateError = true,
        Environment = System.Collections.Immutable.ImmutableSortedDictionary<string, string>.Empty
            .Add("PATH", "/usr/bin:/bin").Add(GitHook.DirectoryVariable, channel).Add("GIT_QUARANTINE_PATH", "/repo/objects/tmp_objdir-incoming-AbCd12"),
    }).AsTask().GetAwaiter().GetResult();
}
