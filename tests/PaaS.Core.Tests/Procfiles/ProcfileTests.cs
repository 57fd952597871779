namespace PaaS.Core.Tests;

/// <summary>The SDK's own way to read a Procfile, and what all ways share.</summary>
public class ProcfileTests
{
    [Fact]
    public void A_plain_Procfile_is_read_without_remarks()
    {
        var procfile = Procfile.Parse("# the app\n\nweb: bin/serve -p $PORT\nworker: bin/work\n");

        Assert.Equal([("web", "bin/serve -p $PORT", 3), ("worker", "bin/work", 4)], procfile.Select(e => (e.Type.ToString(), e.Command, e.Line)));
        Assert.Empty(procfile.Diagnostics);
        Assert.True(procfile.TryGet(ProcessType.Worker, out var worker));
        Assert.Equal("bin/work", worker.Command);
        Assert.False(procfile.TryGet(ProcessType.Release, out _));
        Assert.Equal("web: bin/serve -p $PORT\nworker: bin/work\n", procfile.ToString());
    }

    [Theory]
    [InlineData("  web :  a  ", "a")]
    [InlineData("web:a", "a")]
    [InlineData("\tweb\t:\ta\t", "a")]
    [InlineData("web: : a", ": a")]
    [InlineData("web::", ":")]
    [InlineData("web: # a", "# a")]
    [InlineData("\uFEFFweb: a", "a")]
    [InlineData("other\rweb: a\r", "a")]
    [InlineData("other\r\nweb: a\r\n", "a")]
    public void What_nearly_every_tool_takes_is_an_entry(string text, string command)
    {
        var entry = Assert.Single(Procfile.Parse(text));

        Assert.Equal((ProcessType.Web, command), (entry.Type, entry.Command));
    }

    [Theory]
    [InlineData("web: a\nworker:b", ProcfileDiagnosticCodes.NoSpaceAfterColon, 2, 8)]
    [InlineData("web: a\npython manage.py", ProcfileDiagnosticCodes.MissingColon, 2, 7)]
    [InlineData("web: a\ndone", ProcfileDiagnosticCodes.MissingColon, 2, 5)]
    [InlineData("web : a", ProcfileDiagnosticCodes.SpaceBeforeColon, 1, 4)]
    [InlineData("web: a\n web: b", ProcfileDiagnosticCodes.DuplicateType, 2, 2)]
    [InlineData("\uFEFFweb: a", ProcfileDiagnosticCodes.Bom, 1, 1)]
    [InlineData("web: a\nworker: ", ProcfileDiagnosticCodes.EmptyCommand, 2, 8)]
    [InlineData("web: a\nlow_prio: b", ProcfileDiagnosticCodes.NameNotPortable, 2, 1)]
    [InlineData("web: a\nlow-: b", ProcfileDiagnosticCodes.NameNotPortable, 2, 1)]
    [InlineData("web: a\naaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa: b", ProcfileDiagnosticCodes.NameNotPortable, 2, 1)]
    [InlineData("web: a # b", ProcfileDiagnosticCodes.InlineCommentPassedToShell, 1, 8)]
    [InlineData("worker: a", ProcfileDiagnosticCodes.NoWebType, 1, 1)]
    [InlineData("# nothing", ProcfileDiagnosticCodes.NoEntries, 1, 1)]
    [InlineData("web: a\n// b", ProcfileDiagnosticCodes.NotAnEntry, 2, 1)]
    [InlineData("web: a\n--bind: b", ProcfileDiagnosticCodes.NotAnEntry, 2, 1)]
    [InlineData("web: a\n========", ProcfileDiagnosticCodes.NotAnEntry, 2, 1)]
    public void What_others_read_otherwise_is_a_warning_that_names_the_place(string text, string code, int line, int column)
    {
        var procfile = Procfile.Parse(text);

        var diagnostic = Assert.Single(procfile.Diagnostics);
        Assert.Equal((code, line, column, false), (diagnostic.Code, diagnostic.Line, diagnostic.Column, diagnostic.IsError));
        Assert.False(procfile.HasErrors);
    }

    [Fact]
    public void Web_in_upper_case_is_said_to_get_no_requests() =>
        Assert.Contains(Procfile.Parse("Web: a").Diagnostics, d => d.Code == ProcfileDiagnosticCodes.NameNotPortable && d.Message.Contains("only 'web' in lower case gets requests", StringComparison.Ordinal));

    [Fact]
    public void A_line_that_is_no_entry_is_quoted_by_its_number() =>
        Assert.Contains("line 3 is not `<type>: <command>`", Procfile.Parse("web: a\n\n!\n").Diagnostics.Single().Message, StringComparison.OrdinalIgnoreCase);

    [Theory]
    [InlineData("web: a 'b # c'")]
    [InlineData("web: a \"b # c\"")]
    [InlineData("web: a \"\\\" # c\"")]
    [InlineData("web: a \\' b#c ${x#y}")]
    public void A_hash_that_no_shell_takes_for_a_comment_gets_no_remark(string text) => Assert.Empty(Procfile.Parse(text).Diagnostics);

    [Theory]
    [InlineData("<<<<<<< HEAD\nweb: a\n", 1)]
    [InlineData("web: a\n=======\n", 2)]
    [InlineData("web: a\n>>>>>>> topic\n", 2)]
    [InlineData("web: a\n||||||| base\n", 2)]
    public void A_merge_conflict_stops_a_deploy(string text, int line)
    {
        var procfile = Procfile.Parse(text);

        Assert.True(procfile.HasErrors);
        Assert.Equal((ProcfileDiagnosticCodes.ConflictMarker, line, true), procfile.Diagnostics.Where(d => d.IsError).Select(d => (d.Code, d.Line, d.IsError)).Single());
    }

    [Theory]
    [InlineData("web: a \\\n  --b c\n", true)]
    [InlineData("web: a \\  \n", true)]
    [InlineData("web: a \\\\\\\n", true)]
    [InlineData("web: a \\\\\n", false)]
    [InlineData("# a \\\nweb: b\n", false)]
    public void A_continuation_line_stops_a_deploy_and_an_escaped_backslash_does_not(string text, bool stops)
    {
        var procfile = Procfile.Parse(text);

        Assert.Equal(stops, procfile.HasErrors);
        Assert.Equal(stops, procfile.Diagnostics.Any(d => d.Code == ProcfileDiagnosticCodes.ContinuationLine));
    }

    [Theory]
    [InlineData(ProcfileMode.Default)]
    [InlineData(ProcfileMode.HerokuCedar)]
    [InlineData(ProcfileMode.HerokuFir)]
    public void A_command_with_NUL_stops_a_deploy_by_any_rules(ProcfileMode mode)
    {
        var error = Procfile.Parse("web: a\0b\n", mode).Diagnostics.Single(d => d.IsError);

        Assert.Equal((ProcfileDiagnosticCodes.NulCharacter, 7), (error.Code, error.Column));
    }

    [Theory]
    [InlineData(ProcfileMode.Default)]
    [InlineData(ProcfileMode.HerokuCedar)]
    [InlineData(ProcfileMode.HerokuFir)]
    public void A_file_over_the_limit_is_not_read(ProcfileMode mode)
    {
        var line = "web: a\n";
        var fits = line + new string('\u00e9', (Procfile.MaxBytes - line.Length) / 2);
        var tooLarge = line + new string('\u00e9', ((Procfile.MaxBytes - line.Length) / 2) + 1);

        Assert.DoesNotContain(Procfile.Parse(fits, mode).Diagnostics, d => d.Code == ProcfileDiagnosticCodes.TooLarge);
        var procfile = Procfile.Parse(tooLarge, mode);
        Assert.Empty(procfile);
        Assert.Equal((ProcfileDiagnosticCodes.TooLarge, true), procfile.Diagnostics.Select(d => (d.Code, d.IsError)).Single());
    }

    [Fact]
    public void Remarks_are_limited_and_an_error_among_the_rest_still_stops_a_deploy()
    {
        var many = "web: a\n" + string.Concat(Enumerable.Repeat("!\n", 150));

        var warned = Procfile.Parse(many);
        var failed = Procfile.Parse(many + "=======\n");

        Assert.Equal(Procfile.MaxDiagnostics + 1, warned.Diagnostics.Length);
        Assert.False(warned.HasErrors);
        Assert.Contains("50 more", warned.Diagnostics[^1].Message, StringComparison.Ordinal);
        Assert.True(failed.HasErrors);
        Assert.Equal((ProcfileDiagnosticCodes.MoreDiagnostics, 152), (failed.Diagnostics[^1].Code, failed.Diagnostics[^1].Line));
    }

    [Fact]
    public void Misuse_throws_and_content_does_not()
    {
        Assert.Throws<ArgumentNullException>(() => Procfile.Parse(null!));
        Assert.Throws<ArgumentOutOfRangeException>(() => Procfile.Parse("web: a", (ProcfileMode)9));
        Assert.Throws<ArgumentOutOfRangeException>(() => Procfile.Parse("web: a")[1]);
        Assert.Throws<ArgumentOutOfRangeException>(() => Procfile.Parse("web: a")[-1]);
    }

    [Fact]
    public void A_diagnostic_is_printed_as_compilers_do() =>
        Assert.StartsWith("Procfile(2,1): error conflict-marker: Line 2 ", Procfile.Parse("web: a\n=======\n").Diagnostics.Single().ToString(), StringComparison.Ordinal);
}
