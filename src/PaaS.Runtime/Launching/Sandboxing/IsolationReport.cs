using System.Collections.Immutable;
using System.Text;

namespace PaaS.Runtime;

/// <summary>What a launcher can enforce on this machine, guarantee by guarantee, found by trying.</summary>
/// <param name="Launcher">Which launcher: <c>sandbox</c> or <c>plain</c>.</param>
/// <param name="Entries">One entry for each <see cref="ProcessIsolation"/> flag.</param>
public sealed record IsolationReport(string Launcher, ImmutableArray<IsolationEntry> Entries)
{
    /// <summary>What holds but will bring trouble on this machine, and how to mend it: no name server in reach, a firewall in the way.</summary>
    public ImmutableArray<string> Notes { get; init; } = [];

    /// <summary>All guarantees that hold.</summary>
    public ProcessIsolation Held => Entries.Where(static entry => entry.Held).Aggregate(ProcessIsolation.None, static (all, entry) => all | entry.Guarantee);

    /// <summary>Those that don't, in the order of the flags.</summary>
    public IEnumerable<IsolationEntry> Missing => Entries.Where(static entry => !entry.Held);

    /// <summary>Everything that a launcher can hold.</summary>
    public static ProcessIsolation All => Enum.GetValues<ProcessIsolation>().Aggregate(static (all, flag) => all | flag);

    /// <summary>One line for each guarantee, and one for each note.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var entry in Entries)
        {
            text.AppendLine(entry.ToString());
        }

        foreach (var note in Notes)
        {
            text.Append("note ").AppendLine(note);
        }

        return text.ToString();
    }

    /// <summary>A report in which everything holds but what is in a list.</summary>
    internal static IsolationReport Without(string launcher, IReadOnlyDictionary<ProcessIsolation, (string WhyNot, string Remedy)> missing) => new(
        launcher,
        [
            .. Enum.GetValues<ProcessIsolation>().Where(static flag => flag != ProcessIsolation.None).Select(flag =>
                missing.TryGetValue(flag, out var why) ? new IsolationEntry(flag, false, why.WhyNot, why.Remedy) : new IsolationEntry(flag, true)),
        ]);
}

/// <summary>One guarantee of an <see cref="IsolationReport"/>.</summary>
/// <param name="Guarantee">The flag.</param>
/// <param name="Held">Whether it is enforced.</param>
/// <param name="WhyNot">What stands in the way, if it isn't.</param>
/// <param name="Remedy">How to mend that.</param>
public sealed record IsolationEntry(ProcessIsolation Guarantee, bool Held, string? WhyNot = null, string? Remedy = null)
{
    /// <summary>One line, such as <c>no  Network: ...</c>.</summary>
    public override string ToString() => Held ? $"yes {Guarantee}" : $"no  {Guarantee}: {WhyNot} {Remedy}".TrimEnd();
}
