using System.Collections.Immutable;

namespace PaaS.Core;

/// <summary>What comes of a wish to scale.</summary>
internal static class ScaleRules
{
    public static Decision Decide(App app, ImmutableArray<FormationUpdate> updates)
    {
        var changes = new Dictionary<ProcessType, FormationEntry>();
        foreach (var update in updates)
        {
            if (!changes.TryGetValue(update.Type, out var entry) && !app.Formation.TryGet(update.Type, out entry))
            {
                var known = app.Formation.Count == 0 ? "It has none yet: deploy first." : $"It has {string.Join(", ", app.Formation.Select(e => e.Type))}.";
                return Decision.Refuse(RefusalCode.NotFound, $"Couldn't find that process type ({update.Type}). {known}");
            }

            var quantity = update.Quantity is not { } wanted ? entry.Quantity : update.IsRelative ? Math.Max(0, entry.Quantity + wanted) : wanted;
            changes[update.Type] = new FormationEntry(update.Type, quantity, update.Size ?? entry.Size);
        }

        if (!app.Formation.TryWith(changes.Values, out var formation, out var problem))
        {
            return Decision.Refuse(RefusalCode.Invalid, problem);
        }

        return formation.Equals(app.Formation)
            ? Decision.Nothing
            : Decision.Accept(new AppEvent.FormationChanged([.. changes.Values.Where(entry => !app.Formation.Contains(entry))]));
    }
}
