namespace PaaS.Core.Tests;

/// <summary>What the author is told when a Procfile is read by Heroku's rules. Which entries there are is in <see cref="ProcfileCases"/>.</summary>
public class HerokuProcfileTests
{
    [Theory]
    [InlineData("web:a\nweb: b", ProcfileDiagnosticCodes.NoSpaceAfterColon, 1, 5)]
    [InlineData("web a", ProcfileDiagnosticCodes.MissingColon, 1, 4)]
    [InlineData("web : a", ProcfileDiagnosticCodes.SpaceBeforeColon, 1, 4)]
    [InlineData("web: a\nweb: b", ProcfileDiagnosticCodes.DuplicateType, 2, 1)]
    [InlineData("\uFEFFx: a\nweb: b", ProcfileDiagnosticCodes.Bom, 1, 1)]
    [InlineData("web: a \\", ProcfileDiagnosticCodes.ContinuationLine, 1, 8)]
    [InlineData("web: a\n=======", ProcfileDiagnosticCodes.ConflictMarker, 2, 1)]
    [InlineData("web: a\nx:", ProcfileDiagnosticCodes.EmptyCommand, 2, 3)]
    [InlineData("web: a\nx: ", ProcfileDiagnosticCodes.EmptyCommand, 2, 3)]
    [InlineData("web: a\nX: b", ProcfileDiagnosticCodes.NameNotPortable, 2, 1)]
    [InlineData("web: a #b", ProcfileDiagnosticCodes.InlineCommentPassedToShell, 1, 8)]
    [InlineData("x: a", ProcfileDiagnosticCodes.NoWebType, 1, 1)]
    [InlineData("web: a\n% x", ProcfileDiagnosticCodes.NotAnEntry, 2, 1)]
    public void Cedar_has_warnings_only(string text, string code, int line, int column)
    {
        var diagnostic = Assert.Single(Procfile.Parse(text, ProcfileMode.HerokuCedar).Diagnostics);

        Assert.Equal((code, line, column, false), (diagnostic.Code, diagnostic.Line, diagnostic.Column, diagnostic.IsError));
    }

    [Theory]
    [InlineData(" web: a", ProcfileDiagnosticCodes.NameCorrected, 1, 1)]
    [InlineData("web: a\nLow_Prio: b", ProcfileDiagnosticCodes.NameCorrected, 2, 1)]
    [InlineData("web: a\nweb: b", ProcfileDiagnosticCodes.DuplicateType, 2, 1)]
    [InlineData("x: a", ProcfileDiagnosticCodes.NoWebType, 1, 1)]
    [InlineData("", ProcfileDiagnosticCodes.NoEntries, 1, 1)]
    public void Fir_mends_with_a_warning(string text, string code, int line, int column)
    {
        var diagnostic = Assert.Single(Procfile.Parse(text, ProcfileMode.HerokuFir).Diagnostics);

        Assert.Equal((code, line, column, false), (diagnostic.Code, diagnostic.Line, diagnostic.Column, diagnostic.IsError));
    }

    [Theory]
    [InlineData("web: a\nis_w.e.b: b", ProcfileDiagnosticCodes.InvalidName, 2, 5)]
    [InlineData("web : a", ProcfileDiagnosticCodes.InvalidName, 1, 4)]
    [InlineData("-web: a", ProcfileDiagnosticCodes.InvalidName, 1, 1)]
    [InlineData("web-: a", ProcfileDiagnosticCodes.InvalidName, 1, 4)]
    [InlineData(": a", ProcfileDiagnosticCodes.InvalidName, 1, 1)]
    [InlineData("web a\nx: b", ProcfileDiagnosticCodes.MissingColon, 1, 4)]
    [InlineData("web: a\r\nx:\r\n", ProcfileDiagnosticCodes.EmptyCommand, 2, 3)]
    [InlineData("web: a\rb", ProcfileDiagnosticCodes.BareCarriageReturn, 1, 7)]
    [InlineData("web: a\n=======\n", ProcfileDiagnosticCodes.ConflictMarker, 2, 1)]
    [InlineData("\uFEFFweb: a", ProcfileDiagnosticCodes.Bom, 1, 1)]
    [InlineData("# a\n", ProcfileDiagnosticCodes.NoEntries, 2, 1)]
    [InlineData("web: a\n  ", ProcfileDiagnosticCodes.NoEntries, 2, 3)]
    public void Fir_stops_at_the_first_error_and_yields_nothing(string text, string code, int line, int column)
    {
        var procfile = Procfile.Parse(text, ProcfileMode.HerokuFir);

        var diagnostic = Assert.Single(procfile.Diagnostics);
        Assert.Equal((code, line, column, true), (diagnostic.Code, diagnostic.Line, diagnostic.Column, diagnostic.IsError));
        Assert.Empty(procfile);
    }
}
