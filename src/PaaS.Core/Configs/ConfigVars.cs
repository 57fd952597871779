using System.Collections;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// The config vars of an app: what its builds and dynos find in their environment. Sorted by the bytes of the names; immutable; equal
/// if names and values are. Its text never shows values, for they are secrets.
/// </summary>
public sealed class ConfigVars : IReadOnlyDictionary<string, string>, IEquatable<ConfigVars>
{
    /// <summary>The most that all names and values of an app may hold together: 65,536 bytes of UTF-8 (Heroku's 64 kB).</summary>
    public const int MaxBytes = 64 * 1024;

    private readonly ImmutableSortedDictionary<string, string> _vars;

    private ConfigVars(ImmutableSortedDictionary<string, string> vars) => _vars = vars;

    /// <summary>No config vars.</summary>
    public static ConfigVars Empty { get; } = new(ImmutableSortedDictionary.Create<string, string>(StringComparer.Ordinal));

    /// <summary>How many there are.</summary>
    public int Count => _vars.Count;

    /// <summary>The names, sorted.</summary>
    public IEnumerable<string> Keys => _vars.Keys;

    /// <summary>The values, in the order of the names.</summary>
    public IEnumerable<string> Values => _vars.Values;

    /// <summary>The bytes of all names and values in UTF-8.</summary>
    public int SizeInBytes => _vars.Sum(static v => ConfigVarRules.Size(v.Key, v.Value));

    /// <summary>The value of a config var.</summary>
    /// <param name="key">The name.</param>
    /// <exception cref="KeyNotFoundException">It is not set.</exception>
    public string this[string key] => _vars[key];

    /// <summary>The config vars after a change. This carries out what was decided: it does not look at <see cref="MaxBytes"/>; <see cref="TryApply"/> does.</summary>
    /// <param name="patch">The change.</param>
    /// <returns>The same instance if nothing changes.</returns>
    /// <exception cref="ArgumentNullException">The patch is null.</exception>
    public ConfigVars Apply(ConfigPatch patch)
    {
        ArgumentNullException.ThrowIfNull(patch);
        var builder = _vars.ToBuilder();
        foreach (var (name, value) in patch)
        {
            if (value is null)
            {
                builder.Remove(name);
            }
            else if (!builder.TryGetValue(name, out var old) || old != value)
            {
                builder[name] = value;
            }
        }

        var vars = builder.ToImmutable();
        return ReferenceEquals(vars, _vars) ? this : new ConfigVars(vars);
    }

    /// <summary>The config vars after a change, if they stay within <see cref="MaxBytes"/>. A change that makes them smaller is always allowed.</summary>
    /// <param name="patch">The change.</param>
    /// <param name="result">The config vars after it; these, if it is refused.</param>
    /// <param name="problem">By how much it is too large and how to mend it, or null.</param>
    /// <returns>Whether it is allowed.</returns>
    /// <exception cref="ArgumentNullException">The patch is null.</exception>
    public bool TryApply(ConfigPatch patch, out ConfigVars result, [NotNullWhen(false)] out string? problem)
    {
        result = Apply(patch);
        var size = result.SizeInBytes;
        if (size > MaxBytes && size >= SizeInBytes)
        {
            problem = $"That makes {size:N0} bytes of config vars, names and values together; an app has at most {MaxBytes:N0}. Remove some, or keep large values in a file or a store.";
            result = this;
            return false;
        }

        problem = null;
        return true;
    }

    /// <inheritdoc/>
    public bool ContainsKey(string key) => _vars.ContainsKey(key);

    /// <inheritdoc/>
    public bool TryGetValue(string key, [MaybeNullWhen(false)] out string value) => _vars.TryGetValue(key, out value);

    /// <inheritdoc/>
    public IEnumerator<KeyValuePair<string, string>> GetEnumerator() => _vars.GetEnumerator();

    /// <inheritdoc/>
    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <inheritdoc/>
    public bool Equals(ConfigVars? other) => other is not null && (ReferenceEquals(_vars, other._vars) || _vars.SequenceEqual(other._vars));

    /// <inheritdoc/>
    public override bool Equals(object? obj) => Equals(obj as ConfigVars);

    /// <inheritdoc/>
    public override int GetHashCode()
    {
        var hash = new HashCode();
        foreach (var (name, value) in _vars)
        {
            hash.Add(name, StringComparer.Ordinal);
            hash.Add(value, StringComparer.Ordinal);
        }

        return hash.ToHashCode();
    }

    /// <summary>The names, without values: <c>3 config vars: A, B, C</c>.</summary>
    public override string ToString() => Count == 0 ? "no config vars" : $"{Count} config var{(Count == 1 ? "" : "s")}: {string.Join(", ", _vars.Keys)}";
}
