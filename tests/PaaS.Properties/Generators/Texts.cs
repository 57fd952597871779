using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>Texts, from plain ones to such as nobody would write.</summary>
public static class Texts
{
    /// <summary>Any UTF-16 units at all, lone surrogates and NUL among them; null never.</summary>
    public static Arbitrary<string> Any { get; } = ArbMap.Default.ArbFor<string>().Filter(s => s is not null);

    /// <summary>A text of up to a number of the given characters.</summary>
    public static Gen<string> Of(string alphabet, int min, int max) =>
        from length in Gen.Choose(min, max)
        from characters in Gen.Elements(alphabet.ToCharArray()).ArrayOf(length)
        select new string(characters);
}
