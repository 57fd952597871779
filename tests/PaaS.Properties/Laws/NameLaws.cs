using System.Text.RegularExpressions;
using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

public partial class NameLaws
{
    [Fact]
    public void A_name_of_an_app_is_printed_as_it_was_read() => Law.Holds(Names.AppNames, text => AppName.Parse(text).ToString() == text);

    [Fact]
    public void Exactly_what_keeps_to_Herokus_rule_is_a_name_of_an_app() =>
        Law.Holds(Gen.OneOf(Names.NearlyAppNames, Names.AppNames), text => AppName.TryParse(text, null, out _) == HerokusRule().IsMatch(text));

    [Fact]
    public void No_text_makes_reading_a_name_throw() =>
        Law.Holds(Texts.Any, text =>
            AppName.TryParse(text, null, out _) == HerokusRule().IsMatch(text)
            && (!ProcessType.TryParse(text, null, out var type) || type.ToString() == text)
            && (!DynoName.TryParse(text, null, out var dyno) || dyno.ToString() == text)
            && (!DynoSize.TryParse(text, null, out var size) || size.ToString().Equals(text, StringComparison.OrdinalIgnoreCase)));

    [Fact]
    public void A_process_type_is_printed_as_it_was_read() => Law.Holds(Names.ProcessTypes, type => ProcessType.Parse(type.ToString()) == type);

    [Fact]
    public void A_dynos_name_is_printed_as_it_was_read() => Law.Holds(Names.DynoNames, name => DynoName.Parse(name.ToString()) == name);

    [Fact]
    public void A_generated_name_is_always_a_name() =>
        Law.Holds(Gen.Choose(0, int.MaxValue), seed => AppName.TryParse(new AppNameGenerator(new Random(seed)).Next().ToString(), null, out _));

    [GeneratedRegex(@"\A[a-z][a-z0-9-]{1,28}[a-z0-9]\z", RegexOptions.CultureInvariant)]
    private static partial Regex HerokusRule();
}
