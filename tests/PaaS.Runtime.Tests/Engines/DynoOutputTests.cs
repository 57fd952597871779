using System.Text;

namespace PaaS.Runtime.Tests;

[Collection(RealProcesses.Name)]
public sealed class DynoOutputTests
{
    [Fact]
    public async Task Every_line_is_in_the_log_once_in_order_under_the_dynos_name()
    {
        await using var scene = new DynoScene();

        var (_, lines) = await scene.Run(scene.Spec("seq 1 30000; echo err >&2; printf 'no line feed'"));

        Assert.Equal(Enumerable.Range(1, 30_000).Select(static i => $"{i}").Concat(["err", "no line feed"]), lines);
        Assert.All(await scene.Read(), static line => Assert.Equal((LogSource.App, "worker.1"), (line.Source, line.Process)));
    }

    [Fact]
    public async Task A_flood_is_read_to_its_end_in_little_memory()
    {
        await using var scene = new DynoScene(logCapacity: 10);
        var before = GC.GetTotalMemory(forceFullCollection: true);

        var (status, lines) = await scene.Run(scene.Spec("head -c 100000000 /dev/zero | tr '\\0' x; echo; echo end"));

        Assert.Equal(0, status);
        Assert.Equal(["end"], lines[^1..]);
        Assert.Equal(10_000, lines[0].Length);
        Assert.Equal(1 + 10_001, scene.Logs.LastNumber);
        Assert.InRange(GC.GetTotalMemory(forceFullCollection: true) - before, long.MinValue, 10_000_000);
    }

    [Fact]
    public async Task A_dynos_last_words_are_in_the_log_when_it_has_exited_though_a_leftover_holds_its_output()
    {
        await using var scene = new DynoScene();

        var (status, lines) = await scene.Run(scene.Spec("(setsid sleep 300 &); seq 1 5000; echo last; exit 5"));

        Assert.Equal(5, status);
        Assert.Equal("last", lines[^1]);
        Assert.Equal(5001, lines.Length);
    }

    [Fact]
    public async Task What_a_crashed_command_has_started_goes_with_it()
    {
        await using var scene = new DynoScene();

        var (_, lines) = await scene.Run(scene.Spec("setsid sleep 300 & echo $!; exit 1"));

        var left = int.Parse(lines[0], System.Globalization.CultureInfo.InvariantCulture);
        Assert.False(ProcessStat.Read(left) is { IsAlive: true });
    }

    [Fact]
    public async Task When_asked_to_end_every_process_may_finish()
    {
        await using var scene = new DynoScene();
        var dyno = await scene.Start(scene.Spec("bash -c 'trap \"sleep 0.3; echo child done; exit\" TERM; echo ready; while :; do sleep 0.02; done' 2>/dev/null & trap 'echo parent done; exit 7' TERM; wait"));
        await scene.HasWritten("ready");

        dyno.SignalAll(ProcessSignal.Terminate);
        var exit = await dyno.Exited.WaitAsync(RealProcesses.Deadline);

        Assert.Equal(7, exit.Status);
        Assert.Equal(["ready", "parent done", "child done"], await scene.Lines());
    }

    [Fact]
    public async Task One_that_does_not_end_when_asked_is_killed_and_its_end_is_told()
    {
        await using var scene = new DynoScene();
        var dyno = await scene.Start(scene.Spec("bash -c 'trap \"\" TERM; echo ready; while :; do sleep 300; done' & wait"));
        await scene.HasWritten("ready");

        dyno.SignalAll(ProcessSignal.Terminate);
        Assert.False(dyno.Exited.IsCompleted);
        await dyno.KillTreeAsync();

        Assert.Equal(143, (await dyno.Exited.WaitAsync(RealProcesses.Deadline)).Status);
    }

    [Fact]
    public async Task A_dyno_that_closes_its_output_lives_on()
    {
        await using var scene = new DynoScene();
        var dyno = await scene.Start(scene.Spec("echo bye; exec >&- 2>&-; exec sleep 300"));
        await scene.HasWritten("bye");

        Assert.False(dyno.Exited.IsCompleted);
        await dyno.DisposeAsync();

        Assert.Equal(137, (await dyno.Exited).Status);
    }

    [Theory]
    [InlineData("", "")]
    [InlineData("a", "a")]
    [InlineData("a\n", "a")]
    [InlineData("a\nb", "a|b")]
    [InlineData("\n\n", "|")]
    [InlineData("a\r\nb\n", "a\r|b")]
    [InlineData("a\0b\n", "a\0b")]
    public void Output_is_cut_at_line_feeds_alone(string output, string lines)
    {
        foreach (var size in new[] { 1, 2, 100 })
        {
            var expected = output.Length == 0 ? [] : lines.Split('|');
            Assert.Equal(expected, Split(Encoding.UTF8.GetBytes(output), () => size).Select(Encoding.UTF8.GetString));
        }
    }

    [Theory]
    [InlineData(10_000, new[] { 10_000 })]
    [InlineData(10_001, new[] { 10_000, 1 })]
    [InlineData(20_000, new[] { 10_000, 10_000 })]
    [InlineData(25_000, new[] { 10_000, 10_000, 5_000 })]
    public void A_long_line_is_cut_into_pieces_of_ten_thousand_bytes(int length, int[] pieces)
    {
        var line = new byte[length + 1];
        line.AsSpan(0, length).Fill(0xC3);
        line[length] = (byte)'\n';

        foreach (var size in new[] { 1, 9_999, 10_000, 30_000 })
        {
            Assert.Equal(pieces, Split(line, () => size).Select(static piece => piece.Length));
            Assert.Equal(pieces, Split(line[..length], () => size).Select(static piece => piece.Length));
        }
    }

    [Fact]
    public void However_output_arrives_its_lines_are_the_same()
    {
        var random = new Random(20261120);
        for (var run = 0; run < 100; run++)
        {
            var output = new byte[random.Next(60_000)];
            random.NextBytes(output);
            for (var i = random.Next(200); i < output.Length; i += 1 + random.Next(15_000))
            {
                output[i] = (byte)'\n';
            }

            var whole = Split(output, () => int.MaxValue);
            var pieces = Split(output, () => 1 + random.Next(20_000));

            Assert.Equal(whole.Select(static line => line.Length), pieces.Select(static line => line.Length));
            Assert.True(whole.SelectMany(static line => line).SequenceEqual(pieces.SelectMany(static line => line)));
            Assert.True(whole.SelectMany(static line => line).SequenceEqual(output.Where(static b => b != '\n')));
        }
    }

    private static List<byte[]> Split(byte[] output, Func<int> size)
    {
        var lines = new List<byte[]>();
        var splitter = new LineSplitter(line => lines.Add(line.ToArray()));
        for (var i = 0; i < output.Length;)
        {
            var length = Math.Min(size(), output.Length - i);
            splitter.Write(output.AsSpan(i, length));
            i += length;
        }

        splitter.Complete();
        return lines;
    }
}
