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
            if (!changes.TryGetValue(update.Type, out var entry) && !TryFind(app, update.Type, out entry))
            {
                var known = app.Formation.Count == 0 ? "It has none yet: deploy first." : $"It has {string.Join(", ", app.Formation.Select(e => e.Type))}.";
                return Decision.Refuse(RefusalCode.NotFound, $"Couldn't find that process type ({update.Type}). {known}");
            }

            var quantity = update.Quantity is not { } wanted ? entry!.Quantity : update.IsRelative ? Math.Max(0, entry!.Quantity + wanted) : wanted;
            changes[update.Type] = new FormationEntry(update.Type, quantity, update.Size ?? entry!.Size);
        }

        // The release type has a size, and no quantity that could be other than none.
        var releases = changes.GetValueOrDefault(ProcessType.Release);
        if (releases is { Quantity: not 0 })
        {
            return Decision.Refuse(RefusalCode.Invalid, "'release' runs once per release and cannot be scaled. Only its size can be set.");
        }

        changes.Remove(ProcessType.Release);
        if (!app.Formation.TryWith(changes.Values, out var formation, out var problem))
        {
            return Decision.Refuse(RefusalCode.Invalid, problem);
        }

        var changed = changes.Values.Where(entry => !app.Formation.Contains(entry)).ToList();
        if (releases is not null && releases.Size != app.ReleaseSize)
        {
            changed.Add(releases);
        }

        return changed.Count == 0 ? Decision.Nothing : Decision.Accept(new AppEvent.FormationChanged([.. changed]));
    }

    /// <summary>Folds one entry of a change into the app.</summary>
    public static App Apply(App app, FormationEntry entry) => entry.Type == ProcessType.Release
        ? app with { ReleaseSize = entry.Size }
        : app with { Formation = app.Formation.With(entry.Type, entry.Quantity, entry.Size) };

    private static bool TryFind(App app, ProcessType type, out FormationEntry? entry)
    {
        if (type != ProcessType.Release)
        {
            return app.Formation.TryGet(type, out entry);
        }

        entry = app.Current?.Slug?.ProcessTypes.ContainsKey(type) == true ? new FormationEntry(type, 0, app.ReleaseSize) : null;
        return entry is not null;
    }
}
