using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Runtime;

/// <summary>How many processes of a type <see cref="LocalRunner"/> shall run.</summary>
/// <param name="Type">The process type.</param>
/// <param name="Quantity">0 to <see cref="MaxQuantity"/>; from there on the ports of two types would meet.</param>
public readonly record struct LocalProcessCount(ProcessType Type, int Quantity)
{
    /// <summary>The most processes of one type: 100.</summary>
    public const int MaxQuantity = 100;

    /// <summary>Reads a list such as <c>web=2,worker</c>; a type without a number counts once.</summary>
    /// <param name="text">The list.</param>
    /// <returns>In the order of the list; of a type that stands there twice, the last number.</returns>
    /// <exception cref="FormatException">Not such a list.</exception>
    public static ImmutableArray<LocalProcessCount> ParseList(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        var counts = new List<LocalProcessCount>();
        foreach (var item in text.Split(','))
        {
            var parts = item.Trim().Split('=', 2);
            var quantity = 1;
            if (!ProcessType.TryParse(parts[0].Trim(), null, out var type)
                || (parts.Length == 2 && !int.TryParse(parts[1], NumberStyles.AllowLeadingWhite | NumberStyles.AllowTrailingWhite, CultureInfo.InvariantCulture, out quantity))
                || quantity > MaxQuantity)
            {
                throw new FormatException($"'{item.Trim()}' is not a process type with a number from 0 to {MaxQuantity}. Write them as in web=2,worker=1.");
            }

            var count = new LocalProcessCount(type, quantity);
            var place = counts.FindIndex(other => other.Type == type);
            if (place < 0)
            {
                counts.Add(count);
            }
            else
            {
                counts[place] = count;
            }
        }

        return [.. counts];
    }

    /// <summary>As it is read: <c>web=2</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Type}={Quantity}");
}
