using System.Text;

namespace PaaS.Runtime.Tests;

/// <summary>One-off dynos without a terminal, on both launchers.</summary>
[Collection(RealProcesses.Name)]
public sealed class OneOffPipesTests
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_detached_one_writes_to_the_log_and_leaves_its_last_lines(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var output = new LogStream();
        var dyno = await scene.OneOffs.StartAsync(OneOffScene.Spec("echo $DYNO $KEY $OTHER; seq 1 60; echo failed >&2; exit 7", extra: [new("KEY", "extra")]) with { Output = output });
        Assert.Matches(@"^run\.[1-9]\d{3}$", dyno.Name.ToString());

        var result = await dyno.Completed.WaitAsync(RealProcesses.Deadline);

        Assert.Equal((7, null, false), (result.Status, result.Reason, result.Succeeded));
        Assert.Equal([.. Enumerable.Range(12, 49).Select(static i => $"{i}"), "failed"], result.LastLines.ToArray());
        await scene.HasWritten($"{dyno.Name} extra release");
        Assert.Equal(62, output.LastNumber);
        Assert.Equal(
            ["Starting process with command `echo $DYNO $KEY $OTHER; seq 1 60; echo failed >&2; exit 7`", "State changed from starting to up", "Process exited with status 7", "State changed from up to complete"],
            await scene.Lines());
        Assert.Equal(0, scene.Left);
        Assert.Throws<InvalidOperationException>(dyno.Attach);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task One_of_an_app_in_a_directory_of_its_slug_is_at_home_there(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        scene.Slug["apps/web/file"] = "own\n";
        var spec = OneOffScene.Spec("cat file; [ \"$PWD\" = \"$HOME\" ] && echo ${HOME##*/app/}");
        var dyno = await scene.OneOffs.StartAsync(spec with { Release = spec.Release with { Slug = spec.Release.Slug with { AppDirectory = SourcePath.Parse("apps/web") } } });

        Assert.Equal(["own", "apps/web"], (await dyno.Completed.WaitAsync(RealProcesses.Deadline)).LastLines.ToArray());
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Ten_megabytes_come_back_as_they_were(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var sent = new byte[10 << 20];
        new Random(7).NextBytes(sent);
        var dyno = await scene.Start("cat", DynoStreams.Pipes);
        await using var attachment = dyno.Attach();

        var writing = Task.Run(async () =>
        {
            await attachment.WriteAsync(sent);
            attachment.CloseInput();
        });
        using var received = new MemoryStream();
        await attachment.CopyToAsync(received).WaitAsync(RealProcesses.Deadline);
        await writing;

        Assert.True(received.ToArray().AsSpan().SequenceEqual(sent));
        Assert.True((await dyno.Completed.WaitAsync(RealProcesses.Deadline)).Succeeded);
        Assert.Equal(4, (await scene.Lines()).Length);
        Assert.Equal(0, scene.Left);
    }

    [Fact]
    public async Task What_was_written_before_the_client_came_is_not_lost()
    {
        await using var scene = await OneOffScene.Open();
        var dyno = await scene.Start("echo early; echo error >&2; exit 3", DynoStreams.Pipes);
        await scene.HasSaid("State changed from up to complete");
        Assert.False(dyno.Completed.IsCompleted);

        await using var attachment = dyno.Attach();
        Assert.Throws<InvalidOperationException>(dyno.Attach);
        using var reader = new StreamReader(attachment);

        Assert.Equal("early\nerror\n", await reader.ReadToEndAsync().WaitAsync(RealProcesses.Deadline));
        var result = await dyno.Completed.WaitAsync(RealProcesses.Deadline);
        Assert.Equal((3, null), (result.Status, result.Reason));
        Assert.Empty(result.LastLines);
        Assert.Throws<InvalidOperationException>(dyno.Attach);
    }

    [Fact]
    public async Task A_client_may_write_and_end_its_input_before_the_dyno_has_started()
    {
        await using var scene = await OneOffScene.Open();
        var dyno = await scene.Start("cat; echo done", DynoStreams.Pipes);
        await using var attachment = dyno.Attach();
        await OneOffScene.Type(attachment, "first\n");
        attachment.CloseInput();

        using var reader = new StreamReader(attachment);
        Assert.Equal("first\ndone\n", await reader.ReadToEndAsync().WaitAsync(RealProcesses.Deadline));
    }

    [Fact]
    public async Task Input_that_a_dyno_does_not_want_is_dropped_and_its_output_comes()
    {
        await using var scene = await OneOffScene.Open();
        var dyno = await scene.Start("head -n 1; exec <&-; sleep 0.2; echo more", DynoStreams.Pipes);
        await using var attachment = dyno.Attach();
        var lines = Encoding.UTF8.GetBytes(string.Concat(Enumerable.Repeat("line\n", 200_000)));

        var writing = attachment.WriteAsync(lines).AsTask();
        using var reader = new StreamReader(attachment);

        Assert.Equal("line\nmore\n", await reader.ReadToEndAsync().WaitAsync(RealProcesses.Deadline));
        await writing.WaitAsync(RealProcesses.Deadline);
    }

    [Fact]
    public async Task A_read_that_was_given_up_loses_nothing()
    {
        await using var scene = await OneOffScene.Open();
        var dyno = await scene.Start("read line; echo got $line", DynoStreams.Pipes);
        await using var attachment = dyno.Attach();
        using (var giveUp = new CancellationTokenSource())
        {
            var reading = attachment.ReadAsync(new byte[100], giveUp.Token).AsTask();
            await giveUp.CancelAsync();
            await Assert.ThrowsAnyAsync<OperationCanceledException>(() => reading);
        }

        await OneOffScene.Type(attachment, "it\n");
        Assert.Equal("got it\n", await OneOffScene.ReadUntil(attachment, "\n"));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_ends_the_dyno_by_SIGHUP(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var dyno = await scene.Start("echo ready; while :; do sleep 0.05; done", DynoStreams.Pipes);
        var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, "ready");

        await attachment.DisposeAsync();
        var result = await dyno.Completed.WaitAsync(RealProcesses.Deadline);

        Assert.Equal((129, "Its client has gone."), (result.Status, result.Reason));
        Assert.Equal(0, scene.Left);
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await attachment.ReadExactlyAsync(new byte[1]));
    }

    [Fact]
    public async Task One_that_ignores_SIGHUP_and_floods_its_output_gets_R16_and_can_be_stopped()
    {
        var time = new Testing.ManualTimeProvider();
        await using var scene = await OneOffScene.Open(time: time);
        var dyno = await scene.Start("trap 'hups=$((hups + 1))' HUP; trap 'exit $hups' TERM; echo ready; while :; do echo flood; done", DynoStreams.Pipes);
        var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, "ready");
        await attachment.DisposeAsync();
        await RealProcesses.Until(() => time.NextDue == TimeSpan.FromSeconds(5), "SIGHUP was sent");

        time.Advance(TimeSpan.FromSeconds(5));
        await scene.HasSaid("Error R16 (Detached) -> An attached process is not responding to SIGHUP after its external connection was closed.");
        Assert.False(dyno.Completed.IsCompleted);
        Assert.True(await scene.OneOffs.StopAsync(DynoSelector.One(dyno.Name)));

        Assert.InRange((await dyno.Completed.WaitAsync(RealProcesses.Deadline)).Status, 1, 2);
    }

    [Fact]
    public async Task A_shutdown_leaves_nothing()
    {
        await using var scene = await OneOffScene.Open();
        var stubborn = await scene.Start("trap '' TERM HUP; (setsid sleep 300 &); echo up; while :; do sleep 0.05; done");
        var attached = await scene.Start("cat", DynoStreams.Pipes);
        var unread = await scene.Start("echo done", DynoStreams.Pipes);
        await using var client = attached.Attach();
        await scene.HasWritten("up");
        await RealProcesses.Until(() => scene.Lines().Result.Count(static line => line == "State changed from starting to up") == 3, "all have started");
        await scene.HasSaid("State changed from up to complete");

        await scene.OneOffs.ShutDownAsync(TimeSpan.FromMilliseconds(100)).WaitAsync(RealProcesses.Deadline);

        Assert.Equal(137, (await stubborn.Completed).Status);
        Assert.True(attached.Completed.IsCompleted || (await attached.Completed.WaitAsync(RealProcesses.Deadline)).Status > 128);
        Assert.Equal(0, (await unread.Completed.WaitAsync(RealProcesses.Deadline)).Status);
        Assert.Equal(0, scene.Left);
        Assert.Equal(0, await client.ReadAsync(new byte[1]));
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await scene.Start("true"));
        Assert.False(await scene.OneOffs.StopAsync(DynoSelector.All));
    }

    [Fact]
    public async Task What_cannot_be_started_says_why()
    {
        await using var scene = await OneOffScene.Open();
        scene.Slug["a/\0"] = "no such name";
        var result = await (await scene.Start("true")).Completed.WaitAsync(RealProcesses.Deadline);

        Assert.Equal((126, "Error R99 (Platform error) -> Failed to launch the dyno"), (result.Status, result.Reason));
    }

    [Theory]
    [InlineData("")]
    [InlineData("a\0b")]
    public async Task A_command_that_is_none_is_refused(string command)
    {
        await using var scene = await OneOffScene.Open();

        await Assert.ThrowsAsync<ArgumentException>(async () => await scene.Start(command));
    }
}
