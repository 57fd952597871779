using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>A value of a YAML text: a <see cref="YamlScalar"/>, a <see cref="YamlList"/> or a <see cref="YamlMap"/>.</summary>
/// <param name="Line">The line it begins on, from 1.</param>
internal abstract record YamlValue(int Line)
{
    /// <summary>Whether it is YAML's nothing: no text, <c>~</c> or <c>null</c>, not in quotes.</summary>
    public virtual bool IsNull => false;
}

/// <summary>One value, as it is written.</summary>
/// <param name="Text">Its text, without quotes; numbers and truth values are not interpreted.</param>
/// <param name="IsPlain">Whether it had no quotes.</param>
/// <param name="Line">The line it begins on, from 1.</param>
internal sealed record YamlScalar(string Text, bool IsPlain, int Line) : YamlValue(Line)
{
    /// <inheritdoc/>
    public override bool IsNull => IsPlain && Text is "" or "~" or "null" or "Null" or "NULL";
}

/// <summary>Values in order.</summary>
/// <param name="Items">The values.</param>
/// <param name="Line">The line it begins on, from 1.</param>
internal sealed record YamlList(ImmutableArray<YamlValue> Items, int Line) : YamlValue(Line);

/// <summary>Names and their values, in the order they are written; no name is there twice.</summary>
/// <param name="Entries">The names and values.</param>
/// <param name="Line">The line it begins on, from 1.</param>
internal sealed record YamlMap(ImmutableArray<KeyValuePair<YamlScalar, YamlValue>> Entries, int Line) : YamlValue(Line)
{
    /// <summary>The value of a name; null if the name is not there, or there with nothing behind it.</summary>
    public YamlValue? Find(string name) => Entries.FirstOrDefault(entry => entry.Key.Text == name).Value is { IsNull: false } value ? value : null;
}
