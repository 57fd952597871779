using FsCheck;
using FsCheck.Fluent;
using PaaS.Runtime;

namespace PaaS.Properties;

public class FormationDiffLaws
{
    private static readonly Gen<ProcessType> Types = Gen.Elements("web", "worker", "clock", "urgent").Select(s => ProcessType.Parse(s));

    private static readonly Gen<ProcessType[]> SlugTypes = Types.ArrayOf().Resize(5);

    private static readonly Gen<DynoName[]> Running =
        (from type in Types
         from number in Gen.Choose(1, 9)
         select new DynoName(type, number)).ArrayOf().Resize(20);

    private static readonly Gen<Formation> Formations =
        from quantities in Gen.Choose(0, 9).ArrayOf(4)
        select Formation.Empty.With(ProcessType.Web, quantities[0]).With(ProcessType.Worker, quantities[1])
            .With(ProcessType.Parse("clock"), quantities[2]).With(ProcessType.Parse("urgent"), quantities[3]);

    [Fact]
    public void A_diff_applied_reaches_the_formation() =>
        Law.Holds(Running, Formations, SlugTypes, (running, wanted, types) =>
        {
            var diff = FormationDiff.Between(running, wanted, types);
            var after = running.Except(diff.Stop).Concat(diff.Start).ToHashSet();
            return after.Count == wanted.Where(entry => types.Contains(entry.Type)).Sum(entry => entry.Quantity)
                && after.All(name => types.Contains(name.Type) && wanted.TryGet(name.Type, out var entry) && name.Number <= entry.Quantity);
        });

    [Fact]
    public void A_diff_touches_only_what_has_to_change() =>
        Law.Holds(Running, Formations, SlugTypes, (running, wanted, types) =>
        {
            var diff = FormationDiff.Between(running, wanted, types);
            return !diff.Start.Intersect(running).Any()
                && diff.Stop.All(running.Contains)
                && !diff.Start.Intersect(diff.Stop).Any()
                && diff.Stop.Zip(diff.Stop.Skip(1)).All(pair => pair.First.Type != pair.Second.Type || pair.First.Number > pair.Second.Number);
        });

    [Fact]
    public void A_second_diff_is_empty() =>
        Law.Holds(Running, Formations, SlugTypes, (running, wanted, types) =>
        {
            var first = FormationDiff.Between(running, wanted, types);
            var second = FormationDiff.Between(running.Except(first.Stop).Concat(first.Start), wanted, types);
            return second.Start.IsEmpty && second.Stop.IsEmpty;
        });
}
