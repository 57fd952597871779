using System.Globalization;
using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>
/// Checks that something holds for every value of a kind. <c>PAAS_LAW_CASES</c> says how many values to try (200). A failure shows the
/// smallest value found and a replay triple.
/// </summary>
public static class Law
{
    private static readonly int Cases =
        Environment.GetEnvironmentVariable("PAAS_LAW_CASES") is { Length: > 0 } cases ? int.Parse(cases, NumberStyles.None, CultureInfo.InvariantCulture) : 200;

    private static readonly Config Configuration = Config.QuickThrowOnFailure.WithMaxTest(Cases);

    public static void Holds<T>(Gen<T> values, Func<T, bool> law) => Holds(values.ToArbitrary(), law);

    /// <summary>As <see cref="Holds{T}(Gen{T}, Func{T, bool})"/>, with at least so many values when <c>PAAS_TEST_SIZE</c> is full.</summary>
    public static void HoldsInFull<T>(int fullCases, Gen<T> values, Func<T, bool> law) => Prop.ForAll(values.ToArbitrary(), law).Check(Full(fullCases));

    public static void HoldsInFull<T1, T2>(int fullCases, Gen<T1> first, Gen<T2> second, Func<T1, T2, bool> law) =>
        Prop.ForAll(first.ToArbitrary(), second.ToArbitrary(), law).Check(Full(fullCases));

    public static void HoldsInFull<T1, T2, T3>(int fullCases, Gen<T1> first, Gen<T2> second, Gen<T3> third, Func<T1, T2, T3, bool> law) =>
        Prop.ForAll(first.ToArbitrary(), second.ToArbitrary(), third.ToArbitrary(), law).Check(Full(fullCases));

    public static void Holds<T>(Arbitrary<T> values, Func<T, bool> law) => Prop.ForAll(values, law).Check(Configuration);

    public static void Holds<T1, T2>(Gen<T1> first, Gen<T2> second, Func<T1, T2, bool> law) =>
        Prop.ForAll(first.ToArbitrary(), second.ToArbitrary(), law).Check(Configuration);

    public static void Holds<T1, T2, T3>(Gen<T1> first, Gen<T2> second, Gen<T3> third, Func<T1, T2, T3, bool> law) =>
        Prop.ForAll(first.ToArbitrary(), second.ToArbitrary(), third.ToArbitrary(), law).Check(Configuration);

    private static Config Full(int cases) => Environment.GetEnvironmentVariable("PAAS_TEST_SIZE") == "full" ? Configuration.WithMaxTest(Math.Max(Cases, cases)) : Configuration;
}
