using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>Names of apps, process types and dynos, and texts that are nearly such.</summary>
public static class Names
{
    private const string Lower = "abcdefghijklmnopqrstuvwxyz";
    private const string Digits = "0123456789";

    public static Gen<string> AppNames { get; } =
        from first in Texts.Of(Lower, 1, 1)
        from middle in Texts.Of(Lower + Digits + "-", 1, 28)
        from last in Texts.Of(Lower + Digits, 1, 1)
        select first + middle + last;

    public static Gen<string> NearlyAppNames { get; } = Texts.Of("ab19-A_ .\n\u00e9", 0, 34);

    public static Gen<ProcessType> ProcessTypes { get; } = Gen.Frequency(
        (2, Gen.Elements(ProcessType.Web, ProcessType.Worker, ProcessType.Release)),
        (3, Texts.Of(Lower + Lower.ToUpperInvariant() + Digits + "_-", 1, 128).Select(s => ProcessType.Parse(s))));

    public static Gen<DynoName> DynoNames { get; } =
        from type in ProcessTypes
        from number in Gen.OneOf(Gen.Choose(1, 20), Gen.Choose(1, int.MaxValue))
        select new DynoName(type, number);
}
