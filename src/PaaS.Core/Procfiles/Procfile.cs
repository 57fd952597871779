using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text;

namespace PaaS.Core;

/// <summary>
/// The file named <c>Procfile</c> in an app's root: which process types it has and what they run. The entries are in the order of
/// the file, every type once (the last line of a type counts).
/// </summary>
public sealed class Procfile : IReadOnlyList<ProcfileEntry>
{
    /// <summary>The largest file that is read: 1 MiB of UTF-8.</summary>
    public const int MaxBytes = 1 << 20;

    /// <summary>How many diagnostics are kept: 100, and then one that counts the rest.</summary>
    public const int MaxDiagnostics = 100;

    private readonly ImmutableArray<ProcfileEntry> _entries;
    private readonly Dictionary<ProcessType, ProcfileEntry> _byType;

    internal Procfile(ProcfileMode mode, ImmutableArray<ProcfileEntry> entries, ImmutableArray<ProcfileDiagnostic> diagnostics)
    {
        Mode = mode;
        Diagnostics = diagnostics;
        HasErrors = diagnostics.Any(static d => d.IsError);
        _entries = entries;
        _byType = entries.ToDictionary(static e => e.Type);
    }

    /// <summary>Whose rules it was read by.</summary>
    public ProcfileMode Mode { get; }

    /// <summary>What its author should know, in the order of lines; what concerns the whole file is last.</summary>
    public ImmutableArray<ProcfileDiagnostic> Diagnostics { get; }

    /// <summary>Whether something in it stops a deploy.</summary>
    public bool HasErrors { get; }

    /// <summary>How many process types it declares.</summary>
    public int Count => _entries.Length;

    /// <summary>An entry by its place.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public ProcfileEntry this[int index] =>
        (uint)index < (uint)_entries.Length ? _entries[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>
    /// Reads a Procfile. Whatever the text holds, this does not throw: what is wrong with it is in <see cref="Diagnostics"/>.
    /// </summary>
    /// <param name="text">The whole file, a byte order mark included if it has one.</param>
    /// <param name="mode">Whose rules to read it by.</param>
    /// <returns>
    /// Entries and diagnostics. With errors, <see cref="ProcfileMode.HerokuFir"/> yields no entries, as Heroku's build stops there;
    /// the others yield what they could read.
    /// </returns>
    /// <exception cref="ArgumentNullException">The text is null.</exception>
    /// <exception cref="ArgumentOutOfRangeException">There is no such mode.</exception>
    public static Procfile Parse(string text, ProcfileMode mode = ProcfileMode.Default)
    {
        ArgumentNullException.ThrowIfNull(text);
        var draft = new ProcfileDraft(mode);
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            draft.Fail(1, 1, ProcfileDiagnosticCodes.TooLarge, $"The Procfile is larger than {MaxBytes:N0} bytes. It holds one line per process type; move the rest into scripts.");
            return draft.Finish();
        }

        switch (mode)
        {
            case ProcfileMode.Default:
                DefaultProcfileReader.Read(text, draft);
                break;
            case ProcfileMode.HerokuCedar:
                CedarProcfileReader.Read(text, draft);
                break;
            case ProcfileMode.HerokuFir:
                new FirProcfileReader(text, draft).Read();
                break;
            default:
                throw new ArgumentOutOfRangeException(nameof(mode), mode, "There is no such way to read a Procfile.");
        }

        return draft.Finish();
    }

    /// <summary>Looks up a process type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="entry">Its entry, or null.</param>
    /// <returns>Whether the file declares it.</returns>
    public bool TryGet(ProcessType type, [NotNullWhen(true)] out ProcfileEntry? entry) => _byType.TryGetValue(type, out entry);

    /// <inheritdoc/>
    public IEnumerator<ProcfileEntry> GetEnumerator() => ((IEnumerable<ProcfileEntry>)_entries).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>The entries as a Procfile: one line <c>type: command</c> each. Read again in the same mode, it declares the same.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var entry in _entries)
        {
            text.Append(entry.Type).Append(": ").Append(entry.Command).Append('\n');
        }

        return text.ToString();
    }
}
