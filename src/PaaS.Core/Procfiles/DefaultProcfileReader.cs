namespace PaaS.Core;

/// <summary>
/// The SDK's own rules. An entry is <c>^[ \t]*([A-Za-z0-9][A-Za-z0-9_-]{0,62})[ \t]*:[ \t]*(.*?)[ \t]*$</c> with a command that is
/// not empty; blank lines and lines that begin with <c>#</c> are skipped; any other line is remarked upon.
/// </summary>
internal static class DefaultProcfileReader
{
    public static void Read(string text, ProcfileDraft draft)
    {
        var start = 0;
        if (text.StartsWith(ProcfileNames.ByteOrderMark))
        {
            draft.Warn(1, 1, ProcfileDiagnosticCodes.Bom, "The file begins with a byte order mark; on Heroku its first entry is lost. Save it as UTF-8 without one.");
            start = 1;
        }

        foreach (var (number, line) in ProcfileNames.Lines(text, start))
        {
            ReadLine(line, number, draft);
        }
    }

    private static void ReadLine(string line, int number, ProcfileDraft draft)
    {
        if (line.AsSpan().Trim(" \t").IsEmpty || ProcfileNames.IsComment(line))
        {
            return;
        }

        if (ProcfileNames.IsConflictMarker(line))
        {
            draft.Fail(number, 1, ProcfileDiagnosticCodes.ConflictMarker, $"Line {number} is a merge-conflict marker. Finish the merge: keep one side and delete the markers.");
            return;
        }

        draft.RemarkOnContinuation(line, number);
        var nameStart = SkipBlanks(line, 0);
        var nameEnd = nameStart;
        while (nameEnd < line.Length && ProcessType.IsNameCharacter(line[nameEnd]))
        {
            nameEnd++;
        }

        var colon = SkipBlanks(line, nameEnd);
        var name = line[nameStart..nameEnd];
        if (name.Length is 0 or > ProcfileNames.MaxPortableLength || !char.IsAsciiLetterOrDigit(name[0]) || colon == line.Length || line[colon] != ':')
        {
            RemarkOnOther(name, nameStart, colon, line, number, draft);
            return;
        }

        var commandStart = SkipBlanks(line, colon + 1);
        var command = line[commandStart..].TrimEnd(' ', '\t');
        if (command.Length == 0)
        {
            draft.Warn(number, colon + 2, ProcfileDiagnosticCodes.EmptyCommand, $"Line {number} is not `<type>: <command>`: '{name}' has no command and is left out.");
            return;
        }

        if (colon > nameEnd)
        {
            draft.Warn(number, nameEnd + 1, ProcfileDiagnosticCodes.SpaceBeforeColon, $"Blanks before the colon: on Heroku the colon becomes part of the command. Write '{name}: …'.");
        }
        else if (commandStart == colon + 1)
        {
            draft.Warn(number, colon + 2, ProcfileDiagnosticCodes.NoSpaceAfterColon, $"No blank after the colon: Heroku ignores this line. Write '{name}: …'.");
        }

        draft.Declare(ProcessType.Parse(name), nameStart + 1, command, commandStart + 1, number);
    }

    private static void RemarkOnOther(string name, int nameStart, int next, string line, int number, ProcfileDraft draft)
    {
        if (name.Length > ProcfileNames.MaxPortableLength)
        {
            draft.Warn(number, nameStart + 1, ProcfileDiagnosticCodes.NameNotPortable, $"Line {number} is not `<type>: <command>`: the type has {name.Length} characters; at most {ProcfileNames.MaxPortableLength} are allowed. The line is left out.");
        }
        else if (name.Length > 0 && char.IsAsciiLetterOrDigit(name[0]) && (next == line.Length || next > nameStart + name.Length))
        {
            draft.Warn(number, nameStart + name.Length + 1, ProcfileDiagnosticCodes.MissingColon, $"Line {number} is not `<type>: <command>`: no colon after '{name}'. The line is left out; Heroku may take '{name}' for a process type.");
        }
        else
        {
            draft.Warn(number, nameStart + 1, ProcfileDiagnosticCodes.NotAnEntry, $"Line {number} is not `<type>: <command>` and is left out. A comment begins with '#'.");
        }
    }

    private static int SkipBlanks(string line, int from)
    {
        while (from < line.Length && ProcfileNames.IsBlank(line[from]))
        {
            from++;
        }

        return from;
    }
}
