using System.Diagnostics.CodeAnalysis;

namespace PaaS.Hosting;

/// <summary>What came of a command: a value, or a refusal that says why.</summary>
/// <typeparam name="T">The value.</typeparam>
public readonly record struct Outcome<T>
{
    private Outcome(T? value, Refusal? refusal) => (Value, Refusal) = (value, refusal);

    /// <summary>The value; not null unless refused.</summary>
    public T? Value { get; }

    /// <summary>Why it was refused; <see langword="null"/> if it was not.</summary>
    public Refusal? Refusal { get; }

    /// <summary>Splits the outcome.</summary>
    /// <param name="value">The value, if it was not refused.</param>
    /// <param name="refusal">The refusal, if it was.</param>
    /// <returns>Whether there is a value.</returns>
    public bool TryGet([NotNullWhen(true)] out T? value, [NotNullWhen(false)] out Refusal? refusal)
    {
        (value, refusal) = (Value, Refusal);
        return refusal is null;
    }

    internal static Outcome<T> Of(T value) => new(value, null);

    /// <summary>A value is an outcome.</summary>
    /// <param name="value">The value.</param>
    public static implicit operator Outcome<T>(T value) => new(value, null);

    /// <summary>A refusal is an outcome.</summary>
    /// <param name="refusal">The refusal.</param>
    public static implicit operator Outcome<T>(Refusal refusal) => new(default, refusal);
}

/// <summary>Makes outcomes of interface types, which have no conversion.</summary>
internal static class Outcome
{
    public static Outcome<T> Of<T>(T value) => Outcome<T>.Of(value);
}
