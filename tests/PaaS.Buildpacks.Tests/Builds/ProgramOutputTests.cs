using System.Text;
using PaaS.Testing;

namespace PaaS.Buildpacks.Tests;

public sealed class ProgramOutputTests
{
    private const string Red = "\u001b[31m";
    private const string Plain = "\u001b[0m";
    private readonly List<byte[]> _lines = [];
    private readonly ManualTimeProvider _time = new();
    private readonly BuildOutput _output;

    public ProgramOutputTests() => _output = new BuildOutput(line => _lines.Add(line.ToArray()));

    [Theory]
    [InlineData("one\ntwo\n", "one|two")]
    [InlineData("one\r\ntwo", "one|two")]
    [InlineData("\n\n", "|")]
    [InlineData("", "")]
    [InlineData("no end", "no end")]
    [InlineData("10%\r20%\r100%\n", "100%")]
    [InlineData("10%\r20%\r", "20%")]
    [InlineData("long text\r\r\n", "long text")]
    [InlineData("10%\u001b[2K\u001b[1G20%\u001b[2K\u001b[1G", "20%")]
    [InlineData("10%\r\u001b[K20%\n", "20%")]
    [InlineData("\u001b[1G-----> step\n", "-----> step")]
    [InlineData("|\b/\b-\bdone\n", "done")]
    [InlineData("é\bx\b\b\b\by\n", "y")]
    [InlineData("a\0b\0\n", "ab")]
    [InlineData("ding\a dong\u007f\v\f\n", "ding dong")]
    [InlineData("tab\there\n", "tab\there")]
    [InlineData("\u001b[31mred\u001b[0m \u001b[1;38;5;214mbold\u001b[m\n", "\u001b[31mred\u001b[0m \u001b[1;38;5;214mbold\u001b[m")]
    [InlineData("a\u001b[2Ab\u001b[?25lc\u001b[10;10Hd\n", "abcd")]
    [InlineData("a\u001b(B\u001b[mb\u001b=c\u001b7d\n", "a\u001b[mbcd")]
    [InlineData("a\u001b]0;title\ab\u001b]8;;http://x\u001b\\link\u001b]8;;\u001b\\c\n", "ablinkc")]
    [InlineData("a\u001b]52;c;never ends\nb\u001b[3\nc\u001b\nd\n", "a|b|c|d")]
    [InlineData("10%\r\u001b[32m20%\u001b[0m\r\u001b[0m\n", "\u001b[32m20%\u001b[0m\u001b[0m")]
    public void A_line_is_what_a_terminal_comes_to_show_however_the_bytes_are_cut(string printed, string shown)
    {
        foreach (var size in (int[])[1, 2, 3, 7, 1000])
        {
            _lines.Clear();
            using (var program = Begin())
            {
                foreach (var piece in Encoding.UTF8.GetBytes(printed).Chunk(size))
                {
                    program.Write(piece);
                }
            }

            Assert.Equal(shown.Length == 0 && printed.Length == 0 ? [] : shown.Split('|').Select(static line => line.Length == 0 ? "" : $"       {line}"), Lines());
        }
    }

    [Fact]
    public void A_colour_left_on_stays_with_the_programs_own_lines()
    {
        using (var program = Begin())
        {
            program.Write(Bytes($"{Red}one\n"));
            _output.Heading("another");
            program.Write(Bytes($"two\u001b[1m!\nthree{Plain}\nfour\n"));
        }

        Assert.Equal([$"       {Red}one{Plain}", "-----> another", $"       {Red}two\u001b[1m!{Plain}", $"       {Red}\u001b[1mthree{Plain}", "       four"], Lines());
    }

    [Fact]
    public void Broken_UTF8_stays_as_it_is()
    {
        using (var program = Begin())
        {
            program.Write([0xff, 0xc3, 0x28, 0xe2, 0x82, (byte)'\n', 0x80, (byte)'\n']);
        }

        Assert.Equal([0xff, 0xc3, 0x28, 0xe2, 0x82], _lines[0][7..]);
        Assert.Equal([0x80], _lines[1][7..]);
    }

    [Fact]
    public void A_long_line_is_cut_between_characters_and_outside_of_colours()
    {
        var text = string.Concat(Enumerable.Range(0, 6000).Select(static i => i % 50 == 0 ? "\u001b[3" + (i % 7) + "m" : "€é"));
        using (var program = Begin())
        {
            foreach (var piece in Bytes(text + "\n").Chunk(777))
            {
                program.Write(piece);
            }
        }

        Assert.All(_lines, static line => Assert.InRange(line.Length, 1, BuildOutput.MaxLineBytes));
        var strict = new UTF8Encoding(false, throwOnInvalidBytes: true);
        Assert.Equal(text.Count(static c => c == '€'), _lines.Sum(line => strict.GetString(line).Count(static c => c == '€')));
        Assert.All(_lines, line => Assert.All(strict.GetString(line).Split('\u001b').Skip(1), static rest => Assert.Matches(@"^\[[0-9]+m", rest)));
    }

    [Fact]
    public void A_line_without_its_end_is_shown_after_two_seconds_and_what_follows_when_it_comes()
    {
        using var program = Begin();

        program.Write("Downloading... "u8);
        _time.Advance(TimeSpan.FromSeconds(1.9));
        Assert.Empty(Lines());
        _time.Advance(TimeSpan.FromSeconds(0.1));
        Assert.Equal(["       Downloading... "], Lines());
        program.Write("done\nnext\n"u8);
        Assert.Equal(["       Downloading... ", "       done", "       next"], Lines());
        program.Write("all"u8);
        _time.Advance(TimeSpan.FromSeconds(2));
        program.Write("\n"u8);

        Assert.Equal(["       Downloading... ", "       done", "       next", "       all"], Lines());
    }

    [Fact]
    public void Half_a_character_waits_for_its_other_half()
    {
        using var program = Begin();

        program.Write([(byte)'a', 0xe2, 0x82]);
        _time.Advance(TimeSpan.FromSeconds(2));
        program.Write([0xac, (byte)'\n']);

        Assert.Equal(["       a", "       €"], Lines());
    }

    [Fact]
    public void A_progress_bar_is_shown_every_ten_seconds()
    {
        using (var program = Begin())
        {
            for (var second = 0; second < 40; second++)
            {
                program.Write(Bytes($"\r{second} s"));
                _time.Advance(TimeSpan.FromSeconds(1));
            }

            program.Write("\rdone\n"u8);
        }

        Assert.Equal(["       1 s", "       11 s", "       21 s", "       31 s", "       done"], Lines());
    }

    [Fact]
    public void Secrets_are_masked_across_reads_and_cuts_and_in_lines_shown_half()
    {
        const string Secret = "zXc9-vBn8-mAs7-dFg6";
        using var building = _output.Begin(Mask(Secret), null, _time);
        using (var program = _output.Program())
        {
            foreach (var piece in Bytes($"{new string('x', 9860)}{Secret}{new string('y', 9000)}\nBasic {Convert.ToBase64String(Bytes("u:" + Secret))}\n").Chunk(5))
            {
                program.Write(piece);
            }

            program.Write(Bytes($"it is {Secret[..7]}"));
            _time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal("       it is ", Lines()[^1]);
            program.Write(Bytes(Secret[7..] + "\nzXc9-"));
            _time.Advance(TimeSpan.FromSeconds(5));
            Assert.Equal("       [FILTERED]", Lines()[^1]);
        }

        Assert.Equal("       zXc9-", Lines()[^1]);
        _output.Error($"The password '{Secret}' is\nwrong: z\0Xc9-vBn8-mAs7-dFg6");
        Assert.Equal([" !     The password '[FILTERED]' is", " !     wrong: [FILTERED]"], Lines()[^2..]);
        var all = string.Concat(Lines().Select(static line => line.TrimStart()));
        Assert.DoesNotContain("vBn8", all, StringComparison.Ordinal);
        Assert.Contains("x[FILTERED]y", all, StringComparison.Ordinal);
        Assert.Equal((9860, 9000), (all.Count(static c => c == 'x'), all.Count(static c => c == 'y')));
    }

    [Theory]
    [InlineData("zXc9-vBn8\0-mAs7-dFg6")]
    [InlineData("XXXXXX\rzXc9-vBn8-mAs7-dFg6")]
    [InlineData("zXc9-vBn8Q\b-mAs7-dFg6")]
    [InlineData("zXc9-\u001b[1mvBn8\u001b[0m-mAs7-dFg6")]
    [InlineData("zXc9-\u001b]0;x\avBn8-mAs7-dFg6")]
    public void A_secret_that_only_a_terminal_puts_together_is_masked(string printed)
    {
        using var building = _output.Begin(Mask("zXc9-vBn8-mAs7-dFg6"), null, _time);
        using (var program = _output.Program())
        {
            program.Write(Bytes(printed));
        }

        Assert.Equal(["       [FILTERED]"], Lines());
    }

    [Fact]
    public void What_programs_print_beyond_the_limit_is_left_out_with_a_line_that_says_so()
    {
        using (var program = Begin())
        {
            var line = Bytes(new string('x', 9_000) + "\n");
            for (var printed = 0; printed < BuildOutput.MaxProgramBytes + 100_000; printed += line.Length)
            {
                program.Write(line);
            }

            program.Write("why it fails"u8);
        }

        _output.Heading("Compressing...");
        Assert.StartsWith(" !     The build has printed more than 16M; the rest is left out", Lines()[^2], StringComparison.Ordinal);
        _output.EndPrograms();
        _output.EndPrograms();
        var end = Lines()[Lines().IndexOf("-----> Compressing...")..];
        Assert.Matches("^ !     Of [0-9]+ lines that were left out these are the last 8:$", end[1]);
        Assert.Equal((10, "       why it fails"), (end.Count, end[^1]));
        Assert.InRange(_lines.Sum(static line => line.Length), BuildOutput.MaxProgramBytes - 20_000, BuildOutput.MaxProgramBytes + 200_000);
    }

    [Fact]
    public void Colours_that_are_repeated_count_as_what_is_printed()
    {
        using (var program = Begin())
        {
            program.Write("\u001b[38;5;196m\u001b[48;5;231m\u001b[1;4m\n"u8);
            for (var lines = 0; lines < 800_000; lines += 1000)
            {
                program.Write(Bytes(string.Concat(Enumerable.Repeat("x\n", 1000))));
            }
        }

        Assert.InRange(_lines.Sum(static line => line.Length), BuildOutput.MaxProgramBytes - 20_000, BuildOutput.MaxProgramBytes * 3L / 2);
    }

    [Fact]
    public void What_comes_after_the_programs_end_is_dropped()
    {
        var program = Begin();
        program.Write("last"u8);
        program.Dispose();
        program.Write("too late\n"u8);

        Assert.Equal(["       last"], Lines());
        Assert.Equal(0, _time.WaitingTimers);
    }

    [Fact]
    public void A_silent_build_says_that_it_goes_on()
    {
        using (_output.Begin(SecretMask.None, TimeSpan.FromSeconds(30), _time))
        {
            _time.Advance(TimeSpan.FromSeconds(20));
            _output.Detail("something");
            _time.Advance(TimeSpan.FromSeconds(70));
            _output.Detail("something");
            _time.Advance(TimeSpan.FromSeconds(31));
        }

        _time.Advance(TimeSpan.FromSeconds(300));
        Assert.Equal(
            [
                "       something",
                "       Still building: 30 s without output",
                "       Still building: 60 s without output",
                "       something",
                "       Still building: 30 s without output",
            ],
            Lines());
        Assert.Equal(0, _time.WaitingTimers);
    }

    private static byte[] Bytes(string text) => Encoding.UTF8.GetBytes(text);

    private static SecretMask Mask(string secret) => SecretMask.Of(ConfigVars.Empty.Apply(ConfigPatch.Create("PASSWORD", secret)));

    private ProgramOutput Begin()
    {
        _output.Begin(SecretMask.None, null, _time).Dispose();
        return _output.Program();
    }

    private List<string> Lines() => [.. _lines.Select(Encoding.UTF8.GetString)];
}
