namespace PaaS.Core;

/// <summary>
/// The rules of Heroku's classic slug compiler: a line that matches <c>^[[:space:]]*([a-zA-Z0-9_-]+):?\s+(.*)</c> is an entry, any other
/// is ignored, and nothing is an error. The colon is optional, the blank after it is not, and the end of the command is kept as it is.
/// </summary>
internal static class CedarProcfileReader
{
    public static void Read(string text, ProcfileDraft draft)
    {
        foreach (var (number, line) in ProcfileNames.Lines(text))
        {
            ReadLine(line, number, draft);
        }
    }

    private static void ReadLine(string line, int number, ProcfileDraft draft)
    {
        var nameStart = SkipSpace(line, 0);
        var nameEnd = nameStart;
        while (nameEnd < line.Length && ProcessType.IsNameCharacter(line[nameEnd]))
        {
            nameEnd++;
        }

        var colon = nameEnd < line.Length && line[nameEnd] == ':';
        var afterName = colon ? nameEnd + 1 : nameEnd;
        var commandStart = SkipSpace(line, afterName);
        if (nameEnd == nameStart || commandStart == afterName || !ProcessType.TryParse(line[nameStart..nameEnd], null, out var type))
        {
            RemarkOnIgnored(line, number, line[nameStart..nameEnd], nameStart, colon, draft);
            return;
        }

        var command = line[commandStart..];
        RemarkOnAccepted(line, number, type, nameEnd, commandStart, colon, draft);
        draft.Declare(type, nameStart + 1, command, commandStart + 1, number);
    }

    private static void RemarkOnAccepted(string line, int number, ProcessType type, int nameEnd, int commandStart, bool colon, ProcfileDraft draft)
    {
        draft.RemarkOnContinuation(line, number);
        if (commandStart == line.Length)
        {
            draft.Warn(number, nameEnd + (colon ? 2 : 1), ProcfileDiagnosticCodes.EmptyCommand, $"'{type}' has no command.");
        }
        else if (!colon && line[commandStart] == ':')
        {
            draft.Warn(number, nameEnd + 1, ProcfileDiagnosticCodes.SpaceBeforeColon, $"Blanks before the colon: it becomes part of the command. Write '{type}: …'.");
        }
        else if (!colon)
        {
            draft.Warn(number, nameEnd + 1, ProcfileDiagnosticCodes.MissingColon, $"Line {number} has no colon, and declares the process type '{type}'. Is that meant?");
        }
    }

    private static void RemarkOnIgnored(string line, int number, string name, int nameStart, bool colon, ProcfileDraft draft)
    {
        if (SkipSpace(line, 0) == line.Length || ProcfileNames.IsComment(line))
        {
            return;
        }

        if (ProcfileNames.IsConflictMarker(line))
        {
            draft.Warn(number, 1, ProcfileDiagnosticCodes.ConflictMarker, $"Line {number} is a merge-conflict marker and is ignored; both sides of the conflict are read.");
        }
        else if (number == 1 && line.StartsWith(ProcfileNames.ByteOrderMark))
        {
            draft.Warn(1, 1, ProcfileDiagnosticCodes.Bom, "The file begins with a byte order mark, so its first line is ignored. Save it as UTF-8 without one.");
        }
        else if (name.Length > ProcessType.MaxLength)
        {
            draft.Warn(number, nameStart + 1, ProcfileDiagnosticCodes.NameNotPortable, $"The process type on line {number} has {name.Length} characters; at most {ProcessType.MaxLength} are allowed. The line is ignored.");
        }
        else if (name.Length > 0 && colon)
        {
            var end = nameStart + name.Length + 1;
            var (code, what) = end == line.Length
                ? (ProcfileDiagnosticCodes.EmptyCommand, $"'{name}' has no command; the line is ignored.")
                : (ProcfileDiagnosticCodes.NoSpaceAfterColon, $"No blank after the colon: the line is ignored. Write '{name}: …'.");
            draft.Warn(number, end + 1, code, what);
        }
        else
        {
            draft.Warn(number, nameStart + 1, ProcfileDiagnosticCodes.NotAnEntry, $"Line {number} is not `<type>: <command>` and is ignored. A comment begins with '#'.");
        }
    }

    // What \s is in the compiler's regular expressions, within a line.
    private static int SkipSpace(string line, int from)
    {
        while (from < line.Length && line[from] is ' ' or '\t' or '\v' or '\f')
        {
            from++;
        }

        return from;
    }
}
