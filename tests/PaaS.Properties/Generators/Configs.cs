using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

/// <summary>Patches over few names, so that they meet.</summary>
public static class Configs
{
    public static Gen<ConfigPatch> Patches { get; } =
        from count in Gen.Choose(0, 6)
        from names in Gen.Elements("A", "B", "C", "a", "_", "DATABASE_URL").ArrayOf(count)
        from values in Gen.Elements(null, null, "", "1", "2", "3").ArrayOf(count)
        select ConfigPatch.Create(names.Zip(values, (name, value) => new KeyValuePair<string, string?>(name, value)));

    public static Gen<ConfigVars> Vars { get; } = Patches.Select(ConfigVars.Empty.Apply);
}
