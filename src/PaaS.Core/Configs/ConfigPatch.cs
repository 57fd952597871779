using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// A change of config vars: name to new value, or to null, which removes it. Sorted by the bytes of the names; immutable; equal if
/// it says the same. However many names it holds, it makes one release. Its text never shows values.
/// </summary>
public sealed class ConfigPatch : IReadOnlyDictionary<string, string?>, IEquatable<ConfigPatch>
{
    private readonly ImmutableSortedDictionary<string, string?> _changes;

    private ConfigPatch(ImmutableSortedDictionary<string, string?> changes) => _changes = changes;

    /// <summary>Changes nothing.</summary>
    public static ConfigPatch Empty { get; } = new(ImmutableSortedDictionary.Create<string, string?>(StringComparer.Ordinal));

    /// <summary>How many names it holds.</summary>
    public int Count => _changes.Count;

    /// <summary>The names, sorted.</summary>
    public IEnumerable<string> Keys => _changes.Keys;

    /// <summary>The values, in the order of the names; null removes.</summary>
    public IEnumerable<string?> Values => _changes.Values;

    /// <summary>What a name is changed to; null removes it.</summary>
    /// <param name="key">The name.</param>
    /// <exception cref="KeyNotFoundException">The patch does not hold the name.</exception>
    public string? this[string key] => _changes[key];

    /// <summary>Makes a patch from what came from outside.</summary>
    /// <param name="changes">
    /// Names and values; the last of a name counts. A name is <c>^[A-Za-z_][A-Za-z0-9_]{0,254}$</c>; <c>PORT</c> and <c>DYNO</c> can be removed
    /// but not set, because the platform sets them; a value has no NUL. How large all config vars of an app may be is checked by
    /// <see cref="ConfigVars.TryApply"/>.
    /// </param>
    /// <param name="patch">The patch, or null.</param>
    /// <param name="problem">The first thing that is wrong and how to mend it, or null. It contains no values.</param>
    /// <returns>Whether all names and values can be used.</returns>
    /// <exception cref="ArgumentNullException">The changes are null.</exception>
    public static bool TryCreate(IEnumerable<KeyValuePair<string, string?>> changes, [NotNullWhen(true)] out ConfigPatch? patch, [NotNullWhen(false)] out string? problem)
    {
        ArgumentNullException.ThrowIfNull(changes);
        patch = null;
        var builder = Empty._changes.ToBuilder();
        foreach (var (name, value) in changes)
        {
            problem = ConfigVarRules.Problem(name, value);
            if (problem is not null)
            {
                return false;
            }

            builder[name] = value;
        }

        problem = null;
        patch = Of(builder.ToImmutable());
        return true;
    }

    /// <summary>Makes a patch from names and values that are known to be good.</summary>
    /// <param name="changes">As <see cref="TryCreate"/> takes them.</param>
    /// <exception cref="ArgumentException">One of them cannot be used; the message says why, without values.</exception>
    public static ConfigPatch Create(params IEnumerable<KeyValuePair<string, string?>> changes) =>
        TryCreate(changes, out var patch, out var problem) ? patch : throw new ArgumentException(problem, nameof(changes));

    /// <summary>Makes a patch with one name.</summary>
    /// <param name="name">The name.</param>
    /// <param name="value">The value; null removes it.</param>
    /// <exception cref="ArgumentException">It cannot be used; the message says why, without the value.</exception>
    public static ConfigPatch Create(string name, string? value) => Create([new KeyValuePair<string, string?>(name, value)]);

    /// <summary>This patch and then another, as one: <c>vars.Apply(a).Apply(b)</c> equals <c>vars.Apply(a.Then(b))</c>.</summary>
    /// <param name="other">The later patch; it wins.</param>
    /// <exception cref="ArgumentNullException">The other is null.</exception>
    public ConfigPatch Then(ConfigPatch other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return Count == 0 ? other : other.Count == 0 ? this : new ConfigPatch(_changes.SetItems(other._changes));
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _changes.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, out string? value) => _changes.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string?>> GetEnumerator() => _changes.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ConfigPatch? other) => other is not null && (ReferenceEquals(_changes, other._changes) || _changes.SequenceEqual(other._changes));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConfigPatch);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in _changes)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>What is set and what is removed, without values: <c>set A, B; remove C</c>.</summary>
    public override string ToString()
    {
        var set = string.Join(", ", _changes.Where(static c => c.Value is not null).Select(static c => c.Key));
        var removed = string.Join(", ", _changes.Where(static c => c.Value is null).Select(static c => c.Key));
        return (set, removed) switch
        {
            ("", "") => "no change",
            (_, "") => $"set {set}",
            ("", _) => $"remove {removed}",
            _ => $"set {set}; remove {removed}",
        };
    }

    private static ConfigPatch Of(ImmutableSortedDictionary<string, string?> changes) => changes.IsEmpty ? Empty : new ConfigPatch(changes);
}
