namespace PaaS.Runtime.Tests;

/// <summary>One-off dynos with a terminal, on both launchers, as <c>heroku run bash</c> has one.</summary>
[Collection(RealProcesses.Name)]
public sealed class OneOffTerminalTests
{
    // The marks that tests wait for are written so that the terminal's echo of the input is not taken for them.
    private const string Prompt = "$ ";
    private static readonly KeyValuePair<string, string?> Term = new("TERM", "xterm-256color");

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_shell_has_its_size_its_echo_and_its_status(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var dyno = await scene.OneOffs.StartAsync(OneOffScene.Spec("bash --norc", DynoStreams.Terminal, Term) with { Terminal = new(101, 31) });
        await using var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, Prompt);

        await OneOffScene.Type(attachment, "stty size; stty -a | tr ';' '\\n' | grep -cE ' echo | icanon | isig | onlcr '; tty -s && echo 'a'-tty > /dev/tty; echo $TERM $DYNO; echo 'end'-1\n");
        var said = await OneOffScene.ReadUntil(attachment, "end-1");
        Assert.Contains("31 101\r\n", said, StringComparison.Ordinal);
        Assert.Contains("a-tty\r\n", said, StringComparison.Ordinal);
        Assert.Contains($"xterm-256color {dyno.Name}\r\n", said, StringComparison.Ordinal);
        Assert.StartsWith("stty size;", said, StringComparison.Ordinal);

        attachment.Resize(new(132, 43));
        await OneOffScene.Type(attachment, "stty size; echo 'end'-2\n");
        Assert.Contains("43 132\r\n", await OneOffScene.ReadUntil(attachment, "end-2"), StringComparison.Ordinal);

        await OneOffScene.Type(attachment, "exit 42\n");
        using var reader = new StreamReader(attachment);
        await reader.ReadToEndAsync().WaitAsync(RealProcesses.Deadline);
        var result = await dyno.Completed.WaitAsync(RealProcesses.Deadline);
        Assert.Equal((42, null), (result.Status, result.Reason));
        Assert.Equal(["Starting process with command `bash --norc`", "State changed from starting to up", "Process exited with status 42", "State changed from up to complete"], await scene.Lines());
        Assert.Equal(0, scene.Left);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Control_C_interrupts_the_command_and_not_the_shell(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var dyno = await scene.Start("bash --norc", DynoStreams.Terminal);
        await using var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, Prompt);

        // The job itself says so: before it runs, a Ctrl-C may be lost on its way from shell to job.
        await OneOffScene.Type(attachment, "sh -c 'echo \"sleep\"-now; exec sleep 300'\n");
        await OneOffScene.ReadUntil(attachment, "sleep-now");
        await OneOffScene.Type(attachment, "\u0003");
        await OneOffScene.ReadUntil(attachment, Prompt);
        await OneOffScene.Type(attachment, "echo status $?.\n");
        await OneOffScene.ReadUntil(attachment, "status 130.");

        attachment.CloseInput();
        Assert.Equal(0, (await Read(dyno, attachment)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Letters_of_more_than_one_byte_come_through_and_can_be_taken_back(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var dyno = await scene.Start("bash --norc", DynoStreams.Terminal, Term);
        await using var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, Prompt);

        await OneOffScene.Type(attachment, "x='größe 漢字 🙂'; echo \"[$x]\" ${#x}.\n");
        await OneOffScene.ReadUntil(attachment, "[größe 漢字 🙂] 10.");

        await OneOffScene.Type(attachment, "printf '<%s>' 'aü\u007fo'; echo\n");
        await OneOffScene.ReadUntil(attachment, "<ao>");
        await OneOffScene.Type(attachment, "exit\n");
        await Read(dyno, attachment);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_read_eval_print_loop_echoes_once_and_answers(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var dyno = await scene.Start("python3 -q", DynoStreams.Terminal, Term, new("PYTHON_BASIC_REPL", "1"));
        await using var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, ">>> ");

        await OneOffScene.Type(attachment, "6 * 7\n");
        var said = await OneOffScene.ReadUntil(attachment, ">>> ");
        Assert.Equal("6 * 7\r\n42\r\n", Plain(said)[..^4]);
        await OneOffScene.Type(attachment, "import getpass; p = getpass.getpass('Sec' 'ret: ')\n");
        await OneOffScene.ReadUntil(attachment, "Secret: ");
        await OneOffScene.Type(attachment, "hidden\n");
        said = await OneOffScene.ReadUntil(attachment, ">>> ");
        Assert.DoesNotContain("hidden", said, StringComparison.Ordinal);
        await OneOffScene.Type(attachment, "print(p.upper())\n");
        await OneOffScene.ReadUntil(attachment, "HIDDEN");

        attachment.CloseInput();
        Assert.Equal(0, (await Read(dyno, attachment)).Status);
    }

    [Fact]
    public async Task The_end_of_the_input_reaches_a_program_that_throws_away_what_was_typed_before_it_looked()
    {
        await using var scene = await OneOffScene.Open(sandbox: false);

        const string program = """
            import sys, termios, time
            for i in range(3):
                print("mode", i, flush=True)
                time.sleep(0.5)
                termios.tcflush(0, termios.TCIFLUSH)
            print(len(sys.stdin.read()), flush=True)
            """;
        var dyno = await scene.Start($"python3 -c '{program}'", DynoStreams.Terminal, Term);
        await using var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, "mode 0");

        attachment.CloseInput();

        await OneOffScene.ReadUntil(attachment, "0");
        Assert.Equal(0, (await Read(dyno, attachment)).Status);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task A_client_that_goes_takes_the_shell_and_its_jobs_with_it(bool sandbox)
    {
        await using var scene = await OneOffScene.Open(sandbox);
        var dyno = await scene.Start("bash --norc", DynoStreams.Terminal);
        var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, Prompt);
        await OneOffScene.Type(attachment, "sleep 300 & echo 'job'-started\n");
        await OneOffScene.ReadUntil(attachment, "job-started");

        await attachment.DisposeAsync();

        Assert.Equal(129, (await dyno.Completed.WaitAsync(RealProcesses.Deadline)).Status);
        Assert.Equal(0, scene.Left);
    }

    [Fact]
    public async Task A_silent_session_is_cut_off()
    {
        var time = new Testing.ManualTimeProvider();
        await using var scene = await OneOffScene.Open(time: time);
        var dyno = await scene.Start("bash --norc", DynoStreams.Terminal);
        await using var attachment = dyno.Attach();
        await OneOffScene.ReadUntil(attachment, Prompt);
        await RealProcesses.Until(() => time.WaitingTimers == 3, "life, sample and silence are timed");

        time.Advance(TimeSpan.FromHours(1));
        using var reader = new StreamReader(attachment);
        await reader.ReadToEndAsync().WaitAsync(RealProcesses.Deadline);

        await dyno.Completed.WaitAsync(RealProcesses.Deadline);
        await scene.HasSaid("Closing the connection: no bytes in either direction for 3600 seconds");
    }

    [Fact]
    public async Task A_terminal_without_a_client_is_R13()
    {
        var time = new Testing.ManualTimeProvider();
        await using var scene = await OneOffScene.Open(time: time);
        var dyno = await scene.Start("exec cat", DynoStreams.Terminal);
        await scene.HasSaid("State changed from starting to up");
        await RealProcesses.Until(() => time.WaitingTimers == 3, "life, sample and client are timed");

        time.Advance(TimeSpan.FromSeconds(30));
        var result = await dyno.Completed.WaitAsync(RealProcesses.Deadline);

        Assert.Equal((143, "Error R13 (Attach error) -> Failed to attach to process"), (result.Status, result.Reason));
        Assert.Throws<InvalidOperationException>(dyno.Attach);
    }

    private static async Task<OneOffResult> Read(OneOffDyno dyno, DynoAttachment attachment)
    {
        using var reader = new StreamReader(attachment, leaveOpen: true);
        await reader.ReadToEndAsync().WaitAsync(RealProcesses.Deadline);
        return await dyno.Completed.WaitAsync(RealProcesses.Deadline);
    }

    /// <summary>Without the switches that a line editor sends to the terminal.</summary>
    private static string Plain(string text) => System.Text.RegularExpressions.Regex.Replace(text, "\u001b\\[[?0-9;]*[a-zA-Z]", "");
}
