using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>A Procfile while it is read: gathers entries and diagnostics, and knows the remarks that are the same in all modes.</summary>
internal sealed class ProcfileDraft(ProcfileMode mode)
{
    private readonly List<ProcfileEntry?> _entries = [];
    private readonly Dictionary<ProcessType, int> _places = [];
    private readonly ImmutableArray<ProcfileDiagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<ProcfileDiagnostic>();
    private int _unkept;
    private ProcfileDiagnostic? _firstUnkeptError;
    private bool _failed;

    public void Warn(int line, int column, string code, string message) => Add(new ProcfileDiagnostic(line, column, code, message, IsError: false));

    public void Fail(int line, int column, string code, string message) => Add(new ProcfileDiagnostic(line, column, code, message, IsError: true));

    /// <summary>Takes an entry, at the end: a type that is declared again moves there.</summary>
    public void Declare(ProcessType type, int typeColumn, string command, int commandColumn, int line)
    {
        RemarkOnName(type, typeColumn, line);
        RemarkOnCommand(command, commandColumn, line);
        if (_places.TryGetValue(type, out var place))
        {
            Warn(line, typeColumn, ProcfileDiagnosticCodes.DuplicateType, $"'{type}' is declared on line {_entries[place]!.Line} already; this line replaces it. Keep one.");
            _entries[place] = null;
        }

        _places[type] = _entries.Count;
        _entries.Add(new ProcfileEntry(type, command, line));
    }

    /// <summary>A remark, if the line ends with a backslash that would join it to the next one in a shell.</summary>
    public void RemarkOnContinuation(string lineText, int line)
    {
        var end = lineText.AsSpan().TrimEnd(" \t").Length;
        var slashes = 0;
        while (slashes < end && lineText[end - 1 - slashes] == '\\')
        {
            slashes++;
        }

        // An even number is a backslash that the shell takes literally.
        if (slashes % 2 == 1)
        {
            Add(new ProcfileDiagnostic(
                line,
                end,
                ProcfileDiagnosticCodes.ContinuationLine,
                $"Line {line} ends with a backslash, but a Procfile has no continuation lines. Write the command on one line, or move it into a script.",
                IsError: mode == ProcfileMode.Default));
        }
    }

    public Procfile Finish()
    {
        var entries = mode == ProcfileMode.HerokuFir && _failed ? [] : _entries.OfType<ProcfileEntry>().ToImmutableArray();
        if (!_failed && entries.IsEmpty)
        {
            Warn(1, 1, ProcfileDiagnosticCodes.NoEntries, "The Procfile declares no process types.");
        }
        else if (!_failed && !_places.ContainsKey(ProcessType.Web))
        {
            Warn(1, 1, ProcfileDiagnosticCodes.NoWebType, "No line declares 'web': the app gets no requests, unless its buildpack has a default for it.");
        }

        if (_unkept > 0)
        {
            var (line, column) = _firstUnkeptError is { } error ? (error.Line, error.Column) : (1, 1);
            _diagnostics.Add(new ProcfileDiagnostic(line, column, ProcfileDiagnosticCodes.MoreDiagnostics, $"{_unkept} more remarks are not shown.", _firstUnkeptError is not null));
        }

        return new Procfile(mode, entries, _diagnostics.DrainToImmutable());
    }

    private void Add(ProcfileDiagnostic diagnostic)
    {
        _failed |= diagnostic.IsError;
        if (_diagnostics.Count < Procfile.MaxDiagnostics)
        {
            _diagnostics.Add(diagnostic);
            return;
        }

        _unkept++;
        if (diagnostic.IsError)
        {
            _firstUnkeptError ??= diagnostic;
        }
    }

    private void RemarkOnName(ProcessType type, int column, int line)
    {
        var name = type.ToString();
        if (ProcfileNames.IsPortable(name))
        {
            return;
        }

        var why = name.Equals("web", StringComparison.OrdinalIgnoreCase)
            ? "only 'web' in lower case gets requests"
            : $"use a-z, 0-9 and '-' (not at an end), at most {ProcfileNames.MaxPortableLength} characters";
        Warn(line, column, ProcfileDiagnosticCodes.NameNotPortable, $"The process type '{Printable.Of(name, 70)}' is not the same everywhere: {why}.");
    }

    private void RemarkOnCommand(string command, int column, int line)
    {
        var nul = command.IndexOf('\0', StringComparison.Ordinal);
        if (nul >= 0)
        {
            Fail(line, column + nul, ProcfileDiagnosticCodes.NulCharacter, $"The command on line {line} contains a NUL character, which cannot be passed to a program. Remove it; is the file UTF-16?");
        }

        var hash = ProcfileNames.FindShellComment(command);
        if (hash >= 0)
        {
            Warn(line, column + hash, ProcfileDiagnosticCodes.InlineCommentPassedToShell, "A Procfile has no comments within a line: the shell gets this '#'. Put the comment on a line of its own.");
        }
    }
}
