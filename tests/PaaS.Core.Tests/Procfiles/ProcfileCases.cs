namespace PaaS.Core.Tests;

/// <summary>A Procfile and what Heroku's two generations make of it.</summary>
/// <param name="Name">What it shows.</param>
/// <param name="Features">What it contains, in the words of the survey of real files.</param>
/// <param name="Text">The file.</param>
/// <param name="Cedar">Types and commands, in order.</param>
/// <param name="Fir">Types and commands, in order; null if it is an error.</param>
public sealed record ProcfileCase(string Name, string[] Features, string Text, (string Type, string Command)[] Cedar, (string Type, string Command)[]? Fir);

/// <summary>One case or more for everything that a survey of real Procfiles found in them.</summary>
public static class ProcfileCases
{
    /// <summary>All that the survey found.</summary>
    public static string[] AllFeatures { get; } =
    [
        "aligned", "backslash-continuation", "blank-line", "bom", "colon-in-command", "comment", "crlf", "dash-name", "digit-name", "duplicate-type",
        "empty-command", "empty-file", "env-assignment", "inline-comment-like", "leading-whitespace", "line-without-colon-after-name", "lone-cr",
        "merge-conflict", "no-final-newline", "no-space-after-colon", "non-ascii", "percent-line", "quotes", "release-type", "slash-comment",
        "space-before-colon", "tab", "trailing-whitespace", "underscore-name", "upper-name",
    ];

    public static IReadOnlyList<ProcfileCase> All { get; } =
    [
        Same("web and a release phase", ["release-type", "colon-in-command"], "release: bin/migrate --to :latest\nweb: bin/serve tcp://0.0.0.0:$PORT\n",
            [("release", "bin/migrate --to :latest"), ("web", "bin/serve tcp://0.0.0.0:$PORT")]),
        Same("no newline at the end", ["no-final-newline"], "web: bin/serve", [("web", "bin/serve")]),
        Same("comments and blank lines", ["comment", "blank-line"], "# how to run\n\nweb: bin/serve\n  # not: this\n\n", [("web", "bin/serve")]),
        Same("aligned commands", ["aligned"], "web:      bin/serve\nworker:   bin/work\n", [("web", "bin/serve"), ("worker", "bin/work")]),
        Same("tabs", ["tab"], "web:\tbin/serve\ta\n", [("web", "bin/serve\ta")]),
        Same("quotes and assignments", ["quotes", "env-assignment"], "web: MODE='a b' sh -c \"bin/serve '$PORT'\"\n", [("web", "MODE='a b' sh -c \"bin/serve '$PORT'\"")]),
        Same("names with hyphens and digits", ["dash-name", "digit-name"], "web: a\nlow-2: b\n3: c\n", [("web", "a"), ("low-2", "b"), ("3", "c")]),
        Same("a # in the line", ["inline-comment-like"], "web: bin/serve # quick\n", [("web", "bin/serve # quick")]),
        Same("blanks at the end", ["trailing-whitespace"], "web: bin/serve \t \n", [("web", "bin/serve \t ")]),
        Same("letters of other alphabets", ["non-ascii"], "# gr\u00fc\u00dfe\nweb: bin/serve --motd \u4f60\u597d\n", [("web", "bin/serve --motd \u4f60\u597d")]),
        Same("carriage return and line feed", ["crlf", "blank-line"], "web: a\r\n\r\nworker: b\r\n", [("web", "a"), ("worker", "b")]),
        Same("a type twice", ["duplicate-type"], "web: a\nworker: b\nweb: c\n", [("worker", "b"), ("web", "c")]),
        Same("an empty file", ["empty-file"], "", []),
        new("no blank after the colon", ["no-space-after-colon"], "web:bin/serve\nworker: b\n", [("worker", "b")], [("web", "bin/serve"), ("worker", "b")]),
        new("no colon", ["line-without-colon-after-name"], "web bin/serve\n", [("web", "bin/serve")], null),
        new("no colon on the last line", ["line-without-colon-after-name"], "web: a\nbin done\n", [("web", "a"), ("bin", "done")], null),
        new("a stray word", ["line-without-colon-after-name"], "web: a\ndone\n", [("web", "a")], null),
        new("a blank before the colon", ["space-before-colon"], "web : bin/serve\n", [("web", ": bin/serve")], null),
        new("upper case", ["upper-name"], "Web: a\nURGENT: b\n", [("Web", "a"), ("URGENT", "b")], [("web", "a"), ("urgent", "b")]),
        new("underscores", ["underscore-name"], "web: a\nlow_prio: b\n", [("web", "a"), ("low_prio", "b")], [("web", "a"), ("low-prio", "b")]),
        new("two names that become one", ["underscore-name", "duplicate-type"], "low_prio: a\nweb: b\nLow-Prio: c\n", [("low_prio", "a"), ("web", "b"), ("Low-Prio", "c")], [("web", "b"), ("low-prio", "c")]),
        new("an underscore at an end", ["underscore-name"], "web_: a\n", [("web_", "a")], null),
        new("a hyphen at an end", ["dash-name"], "-web: a\n", [("-web", "a")], null),
        Same("blanks at the front", ["leading-whitespace"], " \tweb: a\n", [("web", "a")]),
        new("a byte order mark", ["bom"], "\uFEFFweb: a\nworker: b\n", [("worker", "b")], null),
        new("old line ends", ["lone-cr"], "web: a\rworker: b\r", [("web", "a"), ("worker", "b")], null),
        new("a comment with an old line end", ["lone-cr"], "# x\rweb: a\n", [("web", "a")], null),
        new("no command", ["empty-command"], "web: a\nworker:\n", [("web", "a")], null),
        new("blanks for a command", ["empty-command"], "web: a\nworker:  \n", [("web", "a"), ("worker", "")], null),
        new("comments of another language", ["slash-comment"], "// bin: x\nweb: a\n", [("web", "a")], null),
        new("a line with percent sign", ["percent-line"], "% to start\nweb: a\n", [("web", "a")], null),
        new("a merge that was not finished", ["merge-conflict", "duplicate-type"], "<<<<<<< ours\nweb: a\n=======\nweb: b\n>>>>>>> theirs\n", [("web", "b")], null),
        new("a command over several lines", ["backslash-continuation", "leading-whitespace"], "web: bin/serve \\\n  --threads 4 \\\n  quiet\n", [("web", "bin/serve \\"), ("--threads", "4 \\")], null),
        new("a file of comments only", ["comment"], "# web: a\n", [], null),
        new("a file of blank lines only", ["blank-line"], "\n\n", [], null),
        new("a last line of blanks", ["blank-line", "no-final-newline"], "web: a\n  ", [("web", "a")], null),
        Same("a comment at the very end", ["comment", "no-final-newline"], "web: a\n# done", [("web", "a")]),
        new("a name of 64 characters", [], new string('a', 64) + ": b\n", [(new string('a', 64), "b")], null),
        Same("a name of 63 characters", [], new string('a', 63) + ": b\n", [(new string('a', 63), "b")]),
        new("a name of 129 characters", [], new string('a', 129) + ": b\n", [], null),
        new("a vertical tab and a form feed", [], "web:\v\fa\n", [("web", "a")], [("web", "\v\fa")]),
        new("a no-break space after the colon", ["non-ascii"], "web:\u00a0a\n", [], [("web", "\u00a0a")]),
    ];

    private static ProcfileCase Same(string name, string[] features, string text, (string Type, string Command)[] entries) => new(name, features, text, entries, entries);
}
