namespace PaaS.Core;

/// <summary>
/// The rules of Heroku's Procfile buildpack (Cloud Native Buildpacks, 4.0 and later). The text is: ignored lines, then entries with
/// ignored lines between them. A text that has ignored lines only, or blanks without a line end as its last line, is an error there,
/// and so it is here; only an empty text is well-formed without entries. Reading ends with the first error.
/// </summary>
internal sealed class FirProcfileReader(string text, ProcfileDraft draft)
{
    private int _at;
    private int _line = 1;
    private int _lineStart;

    public void Read()
    {
        var good = true;
        while (good && _at < text.Length)
        {
            SkipIgnored();
            good = ReadEntry();
            SkipIgnored();
        }
    }

    private void SkipIgnored()
    {
        while (true)
        {
            var from = SkipBlanks(_at);
            if (from < text.Length && text[from] == '#')
            {
                from = LineEnd(from);
                if (IsBareReturn(from))
                {
                    return;
                }

                _at = from;
            }

            // After a comment at the very end there is nothing to take, which ends this loop too.
            if (!TakeLineEnd(SkipBlanks(_at)))
            {
                return;
            }
        }
    }

    private bool ReadEntry()
    {
        var nameStart = SkipBlanks(_at);
        var nameEnd = nameStart;
        while (nameEnd < text.Length && ProcessType.IsNameCharacter(text[nameEnd]))
        {
            nameEnd++;
        }

        var name = text[nameStart..nameEnd];
        var mended = name.Replace('_', '-').ToLowerInvariant();
        if (nameEnd == text.Length || text[nameEnd] != ':' || !ProcfileNames.IsPortable(mended))
        {
            RefuseName(nameStart, nameEnd, mended);
            return false;
        }

        var valueStart = SkipBlanks(nameEnd + 1);
        var valueEnd = LineEnd(valueStart);
        if (IsBareReturn(valueEnd))
        {
            Fail(valueEnd, ProcfileDiagnosticCodes.BareCarriageReturn, $"The command of '{mended}' contains a carriage return without a line feed. End lines with LF or CR LF.");
            return false;
        }

        if (valueEnd == valueStart)
        {
            Fail(valueStart, ProcfileDiagnosticCodes.EmptyCommand, $"'{mended}' has no command. Write it after the colon, or delete the line.");
            return false;
        }

        Accept(name, mended, nameStart, valueStart, valueEnd);
        return true;
    }

    private void Accept(string name, string mended, int nameStart, int valueStart, int valueEnd)
    {
        if (nameStart > _at || name != mended)
        {
            draft.Warn(_line, Column(_at), ProcfileDiagnosticCodes.NameCorrected, $"The process type '{Printable.Of(text.AsSpan(_at, nameStart + name.Length - _at), 100)}' was corrected to '{mended}'. Write it so.");
        }

        var value = text[valueStart..valueEnd];
        draft.RemarkOnContinuation(text[_lineStart..valueEnd], _line);
        draft.Declare(ProcessType.Parse(mended), Column(nameStart), value, Column(valueStart), _line);
        _at = valueEnd;
        TakeLineEnd(valueEnd);
    }

    private void RefuseName(int nameStart, int nameEnd, string mended)
    {
        var line = text.AsSpan(_at, LineEnd(_at) - _at);
        if (nameStart == text.Length || (nameEnd == nameStart && text[nameStart] is '\r' or '\n'))
        {
            Fail(nameStart, ProcfileDiagnosticCodes.NoEntries, "The file ends where a `<type>: <command>` must follow. Declare one, or leave no blanks after the last line.");
        }
        else if (ProcfileNames.IsConflictMarker(line))
        {
            Fail(_at, ProcfileDiagnosticCodes.ConflictMarker, $"Line {_line} is a merge-conflict marker. Finish the merge: keep one side and delete the markers.");
        }
        else if (text[_at] == ProcfileNames.ByteOrderMark && _at == 0)
        {
            Fail(0, ProcfileDiagnosticCodes.Bom, "The file begins with a byte order mark. Save it as UTF-8 without one.");
        }
        else if (nameEnd < text.Length && text[nameEnd] == ':')
        {
            var wrong = mended.Length > 0 && mended[0] != '-' && mended[^1] == '-' ? nameEnd - 1 : nameStart;
            Fail(wrong, ProcfileDiagnosticCodes.InvalidName, $"The process type '{Printable.Of(text.AsSpan(nameStart, nameEnd - nameStart), 70)}' cannot be used: it needs 1 to {ProcfileNames.MaxPortableLength} of a-z, 0-9 and '-', with no '-' at an end.");
        }
        else if (!line.Contains(':'))
        {
            Fail(nameEnd, ProcfileDiagnosticCodes.MissingColon, $"Line {_line} is not `<type>: <command>`: it has no colon. A comment begins with '#'.");
        }
        else
        {
            Fail(nameEnd, ProcfileDiagnosticCodes.InvalidName, $"'{Printable.Of(text.AsSpan(nameEnd, 1))}' cannot be in a process type: use a-z, 0-9 and '-', directly followed by a colon.");
        }
    }

    private void Fail(int at, string code, string message) => draft.Fail(_line, Column(at), code, message);

    private int Column(int at) => at - _lineStart + 1;

    private int SkipBlanks(int from)
    {
        while (from < text.Length && ProcfileNames.IsBlank(text[from]))
        {
            from++;
        }

        return from;
    }

    private int LineEnd(int from)
    {
        var length = text.AsSpan(from).IndexOfAny('\r', '\n');
        return length < 0 ? text.Length : from + length;
    }

    private bool IsBareReturn(int at) => at < text.Length && text[at] == '\r' && (at + 1 == text.Length || text[at + 1] != '\n');

    private bool TakeLineEnd(int from)
    {
        if (from >= text.Length || text[from] is not ('\r' or '\n') || IsBareReturn(from))
        {
            return false;
        }

        _at = from + (text[from] == '\r' ? 2 : 1);
        _line++;
        _lineStart = _at;
        return true;
    }
}
