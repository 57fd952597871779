using FsCheck;
using FsCheck.Fluent;

namespace PaaS.Properties;

public class FormationLaws
{
    private static readonly Gen<ProcessType> Types = Gen.Elements("web", "worker", "clock", "release", "Web", "a").Select(s => ProcessType.Parse(s));

    private static readonly Gen<FormationEntry[]> Wishes =
        (from type in Types
         from quantity in Gen.Choose(-1, 101)
         from size in Gen.Elements(DynoSize.All.ToArray())
         select new FormationEntry(type, quantity, size)).ArrayOf().Resize(8);

    [Fact]
    public void No_row_of_wishes_gets_past_the_limits() =>
        Law.Holds(Wishes, wishes =>
        {
            var formation = Wish(wishes);
            return formation.Total <= Formation.MaxTotal
                && formation.Total == formation.Sum(e => e.Quantity)
                && formation.All(e => e.Quantity is >= 0 and <= Formation.MaxTotal && e.Type != ProcessType.Release)
                && formation.Select(e => e.Type).SequenceEqual(formation.Select(e => e.Type).Distinct().Order());
        });

    [Fact]
    public void A_deploy_leaves_exactly_the_types_of_the_slug_and_their_quantities() =>
        Law.Holds(Wishes, Types.ArrayOf().Resize(6), (wishes, slug) =>
        {
            var before = Wish(wishes);
            var after = before.Adopt(slug, firstDeploy: false);
            return after.Select(e => e.Type).SequenceEqual(slug.Where(t => t != ProcessType.Release).Distinct().Order())
                && after.All(e => before.TryGet(e.Type, out var old) ? old == e : e.Quantity == 0)
                && after.Adopt(slug, firstDeploy: true).Equals(after);
        });

    private static Formation Wish(FormationEntry[] wishes) =>
        wishes.Aggregate(Formation.Empty, (formation, w) => formation.TryWith(w.Type, w.Quantity, w.Size, out var next, out _) ? next : formation);
}
