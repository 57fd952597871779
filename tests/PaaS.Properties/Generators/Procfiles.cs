using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>Texts that look like Procfiles, with every oddity that the ways to read them treat differently.</summary>
public static class Procfiles
{
    private static readonly Gen<string> Line = Gen.Frequency(
        (6, from indent in Gen.Elements("", "", "", " ", "\t", "\v", "\uFEFF")
            from name in Gen.OneOf(Gen.Elements("web", "worker", "release", "Web", "low_prio", "low-prio", "x", "-x", "x-", "#x", ""), Texts.Of("ab1_-A", 60, 66), Texts.Of("a", 127, 130))
            from colon in Gen.Elements(": ", ": ", ":", " : ", "::", " ", ":\t", ":\f", ":  ", "\u00a0:")
            from command in Command
            select indent + name + colon + command),
        (1, Gen.Elements("", "  ", "# note", " # web: a", "// web: a", "<<<<<<< HEAD", "=======", "========", ">>>>>>> topic", "|||||||", "web", "\0")),
        (1, Texts.Of("web: #\\\t\r\"'\uFEFF\0\u2028", 0, 12)));

    private static Gen<string> Command => Gen.OneOf(
        Gen.Elements("bin/serve", "a # b", "a \\", "a \\\\", "'a", "# a", ": a", "", "  ", "a  ", "a\t", "\u4f60\u597d", "a\0b", "\fa", "a\v"),
        Texts.Of("ab :#\\'\"$\t\f\u00a0", 0, 10));

    public static Gen<string> Any { get; } =
        from count in Gen.Choose(0, 8)
        from lines in Line.ArrayOf(count)
        from ends in Gen.Elements("\n", "\n", "\n", "\r\n", "\r", "\n\n").ArrayOf(count)
        from last in Gen.Elements(true, true, false)
        select string.Concat(lines.Select((line, i) => i == count - 1 && !last ? line : line + ends[i]));

    public static Gen<ProcfileMode> Modes { get; } = Gen.Elements(ProcfileMode.Default, ProcfileMode.HerokuCedar, ProcfileMode.HerokuFir);
}
