using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>How much of a machine a dyno gets, by Heroku's names: <c>Standard-1X</c>. The default value is <see cref="Standard1X"/>.</summary>
public readonly record struct DynoSize : IParsable<DynoSize>
{
    private const long MiB = 1L << 20;
    private const int Share = 1024;

    // Standard-1X is first, so that default(DynoSize) is a size.
    private static readonly (string Name, long MemoryBytes, int CpuShares, int Processes)[] Sizes =
    [
        ("Standard-1X", 512 * MiB, Share, 256),
        ("Eco", 512 * MiB, Share, 256),
        ("Basic", 512 * MiB, Share, 256),
        ("Standard-2X", 1024 * MiB, 2 * Share, 512),
        ("Performance-M", 2560 * MiB, 12 * Share, 16_384),
        ("Performance-L", 14 * 1024 * MiB, 50 * Share, 32_768),
        ("Performance-L-RAM", 30 * 1024 * MiB, 50 * Share, 24_576),
        ("Performance-XL", 62 * 1024 * MiB, 100 * Share, 32_768),
        ("Performance-2XL", 126 * 1024 * MiB, 200 * Share, 65_536),
    ];

    private readonly int _index;

    private DynoSize(int index) => _index = index;

    /// <summary>512 MiB; sleeps without traffic.</summary>
    public static DynoSize Eco { get; } = new(1);

    /// <summary>512 MiB.</summary>
    public static DynoSize Basic { get; } = new(2);

    /// <summary>512 MiB; what a dyno gets unless told otherwise.</summary>
    public static DynoSize Standard1X { get; }

    /// <summary>1 GiB.</summary>
    public static DynoSize Standard2X { get; } = new(3);

    /// <summary>2.5 GiB.</summary>
    public static DynoSize PerformanceM { get; } = new(4);

    /// <summary>14 GiB.</summary>
    public static DynoSize PerformanceL { get; } = new(5);

    /// <summary>30 GiB.</summary>
    public static DynoSize PerformanceLRam { get; } = new(6);

    /// <summary>62 GiB.</summary>
    public static DynoSize PerformanceXL { get; } = new(7);

    /// <summary>126 GiB.</summary>
    public static DynoSize Performance2XL { get; } = new(8);

    /// <summary>Every size, small ones first.</summary>
    public static ImmutableArray<DynoSize> All { get; } =
        [Eco, Basic, Standard1X, Standard2X, PerformanceM, PerformanceL, PerformanceLRam, PerformanceXL, Performance2XL];

    /// <summary>The memory quota in bytes.</summary>
    public long MemoryBytes => Sizes[_index].MemoryBytes;

    /// <summary>The weight of its processor time beside other dynos', when processors are scarce; 1024 is Heroku's 1x.</summary>
    public int CpuShares => Sizes[_index].CpuShares;

    /// <summary>The most processes and threads (Heroku's limits).</summary>
    public int Processes => Sizes[_index].Processes;

    /// <summary>Whether its dynos sleep when no request comes, and count against the free hours.</summary>
    public bool Sleeps => this == Eco;

    /// <summary>Reads a size.</summary>
    /// <param name="s">A size's name in any case: <c>standard-2x</c>.</param>
    /// <param name="provider">Not used.</param>
    /// <exception cref="FormatException">There is no such size; the message lists them.</exception>
    public static DynoSize Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var size) ? size : throw new FormatException($"There is no dyno size '{Printable.Of(s, 60)}'. Use one of {string.Join(", ", All)}.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out DynoSize result)
    {
        var index = Array.FindIndex(Sizes, size => size.Name.Equals(s, StringComparison.OrdinalIgnoreCase));
        result = new DynoSize(Math.Max(0, index));
        return index >= 0;
    }

    /// <summary>The canonical name: <c>Standard-1X</c>.</summary>
    public override string ToString() => Sizes[_index].Name;
}
