using FsCheck.Fluent;

namespace PaaS.Properties;

public class ProcfileLaws
{
    [Fact]
    public void No_text_makes_reading_throw_and_diagnostics_point_into_it() =>
        Law.Holds(Texts.Any, text => Enum.GetValues<ProcfileMode>().All(mode => IsWellFormed(text, Procfile.Parse(text, mode))));

    [Fact]
    public void No_text_like_a_Procfile_makes_reading_throw_and_diagnostics_point_into_it() =>
        Law.Holds(Procfiles.Any, Procfiles.Modes, (text, mode) => IsWellFormed(text, Procfile.Parse(text, mode)));

    [Fact]
    public void What_is_read_and_printed_is_read_again_as_the_same() =>
        Law.Holds(Procfiles.Any, Procfiles.Modes, (text, mode) =>
        {
            var once = Procfile.Parse(text, mode);
            var again = Procfile.Parse(once.ToString(), mode);
            return Pairs(once).SequenceEqual(Pairs(again)) && again.ToString() == once.ToString();
        });

    [Fact]
    public void Every_type_is_declared_once_and_found_by_name() =>
        Law.Holds(Procfiles.Any, Procfiles.Modes, (text, mode) =>
        {
            var procfile = Procfile.Parse(text, mode);
            return procfile.Select(e => e.Type).Distinct().Count() == procfile.Count
                && procfile.All(e => procfile.TryGet(e.Type, out var found) && ReferenceEquals(found, e));
        });

    [Fact]
    public void What_Fir_takes_without_a_remark_the_others_read_the_same() =>
        Law.Holds(Procfiles.Any, text =>
        {
            var fir = Procfile.Parse(text, ProcfileMode.HerokuFir);
            var plain = Procfile.Parse(text);
            return fir.Diagnostics.Length > 0 || plain.Diagnostics.Length > 0
                || (Pairs(fir).Select(Trimmed).SequenceEqual(Pairs(plain)) && Pairs(fir).SequenceEqual(Pairs(Procfile.Parse(text, ProcfileMode.HerokuCedar))));
        });

    private static (ProcessType Type, string Command) Trimmed((ProcessType Type, string Command) entry) => (entry.Type, entry.Command.TrimEnd(' ', '\t'));

    private static IEnumerable<(ProcessType Type, string Command)> Pairs(Procfile procfile) => procfile.Select(e => (e.Type, e.Command));

    private static bool IsWellFormed(string text, Procfile procfile)
    {
        var lines = text.ReplaceLineEndings("\n").Split('\n', '\r');
        return procfile.HasErrors == procfile.Diagnostics.Any(d => d.IsError)
            && procfile.All(e => e.Line >= 1 && e.Line <= lines.Length && !e.Command.Contains('\n', StringComparison.Ordinal))
            && procfile.Diagnostics.All(d => d.Line >= 1 && d.Line <= lines.Length && d.Column >= 1 && d.Column <= text.Length + 1 && d.Message.Length > 0);
    }
}
