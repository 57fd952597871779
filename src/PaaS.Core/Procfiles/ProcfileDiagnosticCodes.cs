namespace PaaS.Core;

/// <summary>The codes of <see cref="ProcfileDiagnostic.Code"/>. They are stable: scripts may look for them.</summary>
public static class ProcfileDiagnosticCodes
{
    /// <summary>No blank after the colon. Heroku's classic generation ignores such a line.</summary>
    public const string NoSpaceAfterColon = "no-space-after-colon";

    /// <summary>A word and more, but no colon. Heroku's classic generation takes the word for a process type.</summary>
    public const string MissingColon = "missing-colon";

    /// <summary>Blanks between type and colon. Heroku's classic generation puts the colon into the command.</summary>
    public const string SpaceBeforeColon = "space-before-colon";

    /// <summary>A type is declared again; the last one counts.</summary>
    public const string DuplicateType = "duplicate-type";

    /// <summary>The file begins with a byte order mark.</summary>
    public const string Bom = "bom";

    /// <summary>A line ends with a backslash. A Procfile has no continuation lines. An error in <see cref="ProcfileMode.Default"/>.</summary>
    public const string ContinuationLine = "continuation-line";

    /// <summary>A marker of a merge that was not finished. An error in <see cref="ProcfileMode.Default"/> and <see cref="ProcfileMode.HerokuFir"/>.</summary>
    public const string ConflictMarker = "conflict-marker";

    /// <summary>A type without a command. An error in <see cref="ProcfileMode.HerokuFir"/>.</summary>
    public const string EmptyCommand = "empty-command";

    /// <summary>A name that one of Heroku's generations changes or refuses: upper case, <c>_</c>, <c>-</c> at an end, or over 63 characters.</summary>
    public const string NameNotPortable = "name-not-portable";

    /// <summary>A command contains <c> #</c>. A Procfile has no comments within a line: the shell gets it.</summary>
    public const string InlineCommentPassedToShell = "inline-comment-passed-to-shell";

    /// <summary>There are entries, but none for <c>web</c>: the app gets no requests, unless the buildpack has a default.</summary>
    public const string NoWebType = "no-web-type";

    /// <summary>A line that declares nothing and is no comment.</summary>
    public const string NotAnEntry = "not-an-entry";

    /// <summary>A name that <see cref="ProcfileMode.HerokuFir"/> mended.</summary>
    public const string NameCorrected = "name-corrected";

    /// <summary>A name that <see cref="ProcfileMode.HerokuFir"/> cannot mend. An error there.</summary>
    public const string InvalidName = "invalid-name";

    /// <summary>A carriage return without a line feed. An error in <see cref="ProcfileMode.HerokuFir"/>.</summary>
    public const string BareCarriageReturn = "bare-carriage-return";

    /// <summary>The file declares nothing.</summary>
    public const string NoEntries = "no-entries";

    /// <summary>A command contains a NUL character, which no operating system can pass on. Always an error.</summary>
    public const string NulCharacter = "nul-character";

    /// <summary>The file is larger than <see cref="Procfile.MaxBytes"/>. Always an error.</summary>
    public const string TooLarge = "too-large";

    /// <summary>Stands for the diagnostics after the first <see cref="Procfile.MaxDiagnostics"/>. An error if one of them is.</summary>
    public const string MoreDiagnostics = "more-diagnostics";
}
