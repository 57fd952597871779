using System.Text;
using FsCheck.Fluent;

namespace PaaS.Properties;

public class ConfigLaws
{
    [Fact]
    public void Two_patches_one_after_the_other_are_one_patch() =>
        Law.Holds(Configs.Vars, Configs.Patches, Configs.Patches, (vars, a, b) => vars.Apply(a).Apply(b).Equals(vars.Apply(a.Then(b))));

    [Fact]
    public void Patches_associate() =>
        Law.Holds(Configs.Patches, Configs.Patches, Configs.Patches, (a, b, c) => a.Then(b).Then(c).Equals(a.Then(b.Then(c))));

    [Fact]
    public void The_empty_patch_changes_nothing() =>
        Law.Holds(Configs.Vars, Configs.Patches, (vars, a) => vars.Apply(ConfigPatch.Empty).Equals(vars) && a.Then(ConfigPatch.Empty).Equals(a) && ConfigPatch.Empty.Then(a).Equals(a));

    [Fact]
    public void A_patch_decides_the_names_it_holds_and_no_others() =>
        Law.Holds(Configs.Vars, Configs.Patches, (vars, patch) =>
        {
            var after = vars.Apply(patch);
            return patch.All(c => c.Value is null ? !after.ContainsKey(c.Key) : after[c.Key] == c.Value)
                && vars.Keys.Union(after.Keys).Except(patch.Keys).All(k => vars.TryGetValue(k, out var old) && after.TryGetValue(k, out var now) && old == now);
        });

    [Fact]
    public void A_patch_twice_is_a_patch_once() =>
        Law.Holds(Configs.Vars, Configs.Patches, (vars, patch) =>
        {
            var once = vars.Apply(patch);
            return ReferenceEquals(once, once.Apply(patch));
        });

    [Fact]
    public void Equal_config_vars_have_equal_hashes_whatever_made_them() =>
        Law.Holds(Configs.Vars, vars =>
        {
            var rebuilt = vars.Reverse().Aggregate(ConfigVars.Empty, (made, v) => made.Apply(ConfigPatch.Create(v.Key, v.Value)));
            return rebuilt.Equals(vars) && rebuilt.GetHashCode() == vars.GetHashCode();
        });

    [Fact]
    public void The_size_is_that_of_all_names_and_values_in_UTF8() =>
        Law.Holds(Configs.Vars, vars => vars.SizeInBytes == Encoding.UTF8.GetByteCount(string.Concat(vars.Select(v => v.Key + v.Value))));

    [Fact]
    public void A_refused_value_is_never_in_the_reason() =>
        Law.Holds(Texts.Any.Generator, Texts.Any.Generator, (name, value) =>
            ConfigPatch.TryCreate([new(name, value + "hunter2\0")], out _, out var problem) || !problem!.Contains("hunter2", StringComparison.Ordinal));
}
