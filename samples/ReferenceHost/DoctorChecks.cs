using System.Globalization;
using System.Text;

namespace PaaS.ReferenceHost;

/// <summary>What <c>doctor</c> has found, in groups.</summary>
internal sealed class DoctorChecks
{
    private const int NameWidth = 38;
    private readonly List<(string Group, string Mark, string Name, string Text)> _checks = [];

    /// <summary>How much is missing that the platform needs for all it promises.</summary>
    public int MissingCount => _checks.Count(static check => check.Mark == "no");

    /// <summary>What was found: a text about it, or what is missing and how to mend it.</summary>
    public void Add(string group, string name, bool held, string text) => _checks.Add((group, held ? "yes" : "no", name, text));

    /// <summary>Something is missing; the text says how to mend it.</summary>
    public void Missing(string group, string name, string text) => Add(group, name, false, text);

    /// <summary>Something is missing that not everybody needs.</summary>
    public void Optional(string group, string name, string text) => _checks.Add((group, "-", name, text));

    /// <summary>The groups, a line per check, and last the verdict.</summary>
    public override string ToString()
    {
        var text = new StringBuilder();
        foreach (var group in _checks.GroupBy(static check => check.Group))
        {
            text.Append(group.Key).Append('\n');
            foreach (var (_, mark, name, about) in group)
            {
                text.Append($"  {mark,-4}{name.PadRight(NameWidth)}{about}".TrimEnd()).Append('\n');
            }

            text.Append('\n');
        }

        return text.Append(MissingCount == 0
            ? "Everything that the platform promises holds on this machine.\n"
            : string.Create(CultureInfo.InvariantCulture, $"{MissingCount} missing. The platform runs without; what it then does not protect stands above.\n")).ToString();
    }
}
