namespace PaaS.Testing;

/// <summary>A source of chance that gives what the test says, in order, and begins again at the end.</summary>
public sealed class ScriptedRandom : Random
{
    private readonly int[] _values;
    private int _next;

    /// <summary>Makes a source.</summary>
    /// <param name="values">What to give: each value is taken modulo the range asked for; at least one, none negative.</param>
    /// <exception cref="ArgumentException">There are no values, or one is negative.</exception>
    public ScriptedRandom(params int[] values)
    {
        ArgumentNullException.ThrowIfNull(values);
        if (values.Length == 0 || values.Any(value => value < 0))
        {
            throw new ArgumentException("A scripted random needs at least one value, and none that is negative.", nameof(values));
        }

        _values = [.. values];
    }

    /// <summary>How many values have been taken.</summary>
    public int Taken => Volatile.Read(ref _next);

    /// <inheritdoc/>
    public override int Next() => Take();

    /// <inheritdoc/>
    public override int Next(int maxValue) => Next(0, maxValue);

    /// <inheritdoc/>
    public override int Next(int minValue, int maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return minValue == maxValue ? minValue : (int)(minValue + (Take() % ((long)maxValue - minValue)));
    }

    /// <inheritdoc/>
    public override long NextInt64() => Take();

    /// <inheritdoc/>
    public override long NextInt64(long maxValue) => NextInt64(0, maxValue);

    /// <inheritdoc/>
    public override long NextInt64(long minValue, long maxValue)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(minValue, maxValue);
        return minValue == maxValue ? minValue : minValue + (long)((ulong)Take() % (ulong)(maxValue - minValue));
    }

    /// <inheritdoc/>
    public override void NextBytes(byte[] buffer) => NextBytes(buffer.AsSpan());

    /// <inheritdoc/>
    public override void NextBytes(Span<byte> buffer)
    {
        foreach (ref var one in buffer)
        {
            one = (byte)Take();
        }
    }

    /// <inheritdoc/>
    protected override double Sample() => Take() / (double)int.MaxValue * (1 - double.Epsilon);

    /// <inheritdoc/>
    public override double NextDouble() => Math.Min(Sample(), Math.BitDecrement(1.0));

    private int Take() => _values[(Interlocked.Increment(ref _next) - 1) % _values.Length];
}
