using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// The dynos that are wanted of an app: every process type of its slug with quantity and size, sorted by type. Immutable; equal if its
/// entries are. The <c>release</c> type is never part of it.
/// </summary>
public sealed class Formation : IReadOnlyList<FormationEntry>, IEquatable<Formation>
{
    /// <summary>The most dynos of an app, all types together: 100 (Heroku's limit).</summary>
    public const int MaxTotal = 100;

    private readonly ImmutableArray<FormationEntry> _entries;

    private Formation(ImmutableArray<FormationEntry> entries)
    {
        _entries = entries;
        Total = entries.Sum(static e => e.Quantity);
    }

    /// <summary>No types at all: an app that was never deployed.</summary>
    public static Formation Empty { get; } = new([]);

    /// <summary>How many dynos are wanted in all.</summary>
    public int Total { get; }

    /// <summary>How many process types there are, those with quantity 0 included.</summary>
    public int Count => _entries.Length;

    /// <summary>An entry by its place in the order of types.</summary>
    /// <param name="index">From 0.</param>
    /// <exception cref="ArgumentOutOfRangeException">There is no such place.</exception>
    public FormationEntry this[int index] =>
        (uint)index < (uint)_entries.Length ? _entries[index] : throw new ArgumentOutOfRangeException(nameof(index));

    /// <summary>Looks up a process type.</summary>
    /// <param name="type">The type.</param>
    /// <param name="entry">Its entry, or null.</param>
    /// <returns>Whether the formation has the type.</returns>
    public bool TryGet(ProcessType type, [NotNullWhen(true)] out FormationEntry? entry)
    {
        var place = Find(type);
        entry = place >= 0 ? _entries[place] : null;
        return entry is not null;
    }

    /// <summary>
    /// The formation with another quantity or size of a type, which is added if it is new. This carries out what was decided: it does not
    /// look at <see cref="MaxTotal"/>. A wish from outside goes through <see cref="TryWith(ProcessType, int, DynoSize?, out Formation?, out string?)"/>.
    /// </summary>
    /// <param name="type">The type.</param>
    /// <param name="quantity">How many, 0 to <see cref="MaxTotal"/>.</param>
    /// <param name="size">The size; null keeps the present one, which is <see cref="DynoSize.Standard1X"/> for a new type.</param>
    /// <exception cref="ArgumentException">The type is <c>release</c> or the default value.</exception>
    /// <exception cref="ArgumentOutOfRangeException">The quantity is out of range.</exception>
    public Formation With(ProcessType type, int quantity, DynoSize? size = null)
    {
        if (TypeProblem(type) is { } problem)
        {
            throw new ArgumentException(problem, nameof(type));
        }

        ArgumentOutOfRangeException.ThrowIfNegative(quantity);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(quantity, MaxTotal);
        var place = Find(type);
        return place >= 0
            ? new Formation(_entries.SetItem(place, _entries[place] with { Quantity = quantity, Size = size ?? _entries[place].Size }))
            : new Formation(_entries.Insert(~place, new FormationEntry(type, quantity, size ?? default)));
    }

    /// <summary>The formation with another quantity or size of a type, if the limits allow it.</summary>
    /// <param name="type">The type; added if it is new.</param>
    /// <param name="quantity">How many.</param>
    /// <param name="size">The size; null keeps the present one, which is <see cref="DynoSize.Standard1X"/> for a new type.</param>
    /// <param name="result">The formation, or null.</param>
    /// <param name="problem">Which limit is in the way and how to keep to it, or null.</param>
    /// <returns>Whether the limits allow it.</returns>
    public bool TryWith(ProcessType type, int quantity, DynoSize? size, [NotNullWhen(true)] out Formation? result, [NotNullWhen(false)] out string? problem) =>
        TryWith([new FormationEntry(type, quantity, size ?? (TryGet(type, out var entry) ? entry.Size : default))], out result, out problem);

    /// <summary>The formation with other quantities and sizes of several types, if the limits allow the outcome. All or nothing; the order of the changes is of no account.</summary>
    /// <param name="changes">The new entries; the last one of a type counts.</param>
    /// <param name="result">The formation, or null.</param>
    /// <param name="problem">Which limit is in the way and how to keep to it, or null.</param>
    /// <returns>Whether the limits allow it.</returns>
    /// <exception cref="ArgumentNullException">The changes are null.</exception>
    public bool TryWith(IEnumerable<FormationEntry> changes, [NotNullWhen(true)] out Formation? result, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(changes);
        result = null;
        var next = this;
        foreach (var change in changes)
        {
            problem = TypeProblem(change.Type) ?? QuantityProblem(change);
            if (problem is not null)
            {
                return false;
            }

            next = next.With(change.Type, change.Quantity, change.Size);
        }

        // A formation that is over the limit already may shrink, even if not at once below it.
        problem = next.Total > MaxTotal && next.Total > Total
            ? $"That makes {next.Total} dynos; an app has at most {MaxTotal} over all process types. Scale another type down first."
            : null;
        result = problem is null ? next : null;
        return problem is null;
    }

    /// <summary>
    /// The formation under another slug. Types it still has keep quantity and size, types it no longer has are removed, new ones get
    /// quantity 0; on the first deploy of an app a new <c>web</c> gets 1.
    /// </summary>
    /// <param name="slugTypes">The process types of the slug; <c>release</c> is passed over.</param>
    /// <param name="firstDeploy">Whether the app has never had a deploy.</param>
    /// <exception cref="ArgumentNullException">The types are null.</exception>
    public Formation Adopt(IReadOnlyCollection<ProcessType> slugTypes, bool firstDeploy)
    {
        ArgumentNullException.ThrowIfNull(slugTypes);
        var kept = slugTypes.Where(static t => TypeProblem(t) is null).Distinct().Order()
            .Select(t => TryGet(t, out var entry) ? entry : new FormationEntry(t, firstDeploy && t == ProcessType.Web ? 1 : 0, default))
            .ToImmutableArray();
        return kept.SequenceEqual(_entries) ? this : new Formation(kept);
    }

    /// <inheritdoc/>
    public IEnumerator<FormationEntry> GetEnumerator() => ((IEnumerable<FormationEntry>)_entries).GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(Formation? other) => other is not null && (ReferenceEquals(this, other) || _entries.SequenceEqual(other._entries));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as Formation);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var entry in _entries)
        {
            hash.Add(entry);
        }

        return hash.ToHashCode();
    }

    /// <summary>As the Heroku CLI shows it: <c>web=1:Standard-1X worker=0:Standard-1X</c>.</summary>
    public override string ToString() => string.Join(' ', _entries);

    private static string? TypeProblem(ProcessType type) =>
        type == ProcessType.Release ? "'release' runs once per release and cannot be scaled."
        : type == default ? "A process type has a name, such as 'web'."
        : null;

    private static string? QuantityProblem(FormationEntry change) =>
        change.Quantity is >= 0 and <= MaxTotal ? null : $"The quantity of '{change.Type}' is {change.Quantity}; use 0 to {MaxTotal}.";

    // The place of the type, or the complement of where it belongs.
    private int Find(ProcessType type)
    {
        var (low, high) = (0, _entries.Length - 1);
        while (low <= high)
        {
            var middle = (low + high) >>> 1;
            switch (_entries[middle].Type.CompareTo(type))
            {
                case 0:
                    return middle;
                case < 0:
                    low = middle + 1;
                    break;
                default:
                    high = middle - 1;
                    break;
            }
        }

        return ~low;
    }
}
