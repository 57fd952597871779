using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Turns names of buildpacks, or the lack of any, into buildpacks.</summary>
internal sealed class BuildpackSelection(BuildpackRegistry registry, IBuildpackSource foreign, BuildContext context)
{
    /// <summary>The first that applies to the tree.</summary>
    /// <exception cref="UnbuildableException">None does.</exception>
    public async ValueTask<IReadOnlyList<SelectedBuildpack>> DetectAsync(CancellationToken cancellationToken)
    {
        var matching = await registry.DetectAsync(context, cancellationToken).ConfigureAwait(false);
        if (matching.Count == 0)
        {
            throw new UnbuildableException(NothingDetected());
        }

        if (matching.Count > 1)
        {
            context.Output.Warning(
                $"Several buildpacks can build this app: {string.Join(", ", matching.Select(static b => b.Buildpack.Id))}. The first is used. To choose, set one with 'heroku buildpacks:set', or name it in a file .buildpacks.");
        }

        var (buildpack, name) = matching[0];
        Announce([buildpack.Id]);
        return [new(BuildpackReference.Parse(buildpack.Id), buildpack, BuildKey.DigestOf(buildpack), name)];
    }

    /// <summary>What the app names. Those whose name says already what they are exactly are fetched later.</summary>
    /// <exception cref="UnbuildableException">One can't be had.</exception>
    public async ValueTask<IReadOnlyList<SelectedBuildpack>> ResolveAsync(BuildpackChoice choice, CancellationToken cancellationToken)
    {
        Announce([.. choice.Buildpacks.Select(static reference => reference.Text)]);
        var selected = ImmutableArray.CreateBuilder<SelectedBuildpack>();
        foreach (var reference in choice.Buildpacks)
        {
            selected.Add(
                registry.Find(reference) is { } known ? new(reference, known, BuildKey.DigestOf(known))
                : reference.IsPinned ? new(reference, null, reference.Sha256 is { } digest ? $"sha256:{digest}" : reference.Ref!)
                : await FetchAsync(reference, cancellationToken).ConfigureAwait(false));
        }

        return selected.ToImmutable();
    }

    /// <summary>The same with those that weren't fetched yet.</summary>
    /// <exception cref="UnbuildableException">One can't be had.</exception>
    public async ValueTask<IReadOnlyList<SelectedBuildpack>> FetchAsync(IReadOnlyList<SelectedBuildpack> selected, CancellationToken cancellationToken)
    {
        var fetched = ImmutableArray.CreateBuilder<SelectedBuildpack>();
        foreach (var buildpack in selected)
        {
            fetched.Add(buildpack.Buildpack is null ? await FetchAsync(buildpack.Reference, cancellationToken).ConfigureAwait(false) : buildpack);
        }

        return fetched.ToImmutable();
    }

    private async ValueTask<SelectedBuildpack> FetchAsync(BuildpackReference reference, CancellationToken cancellationToken)
    {
        try
        {
            var (buildpack, digest) = await foreign.FetchAsync(reference, context, cancellationToken).ConfigureAwait(false);
            return new SelectedBuildpack(reference, buildpack, digest);
        }
        catch (BuildpackUnavailableException e)
        {
            throw new UnbuildableException(e.Message);
        }
    }

    private void Announce(ImmutableArray<string> names)
    {
        if (names is [var one])
        {
            context.Output.Heading($"Using buildpack: {one}");
            return;
        }

        context.Output.Heading("Using buildpacks:");
        for (var i = 0; i < names.Length; i++)
        {
            context.Output.Detail($"{i + 1}. {names[i]}");
        }
    }

    private string NothingDetected() =>
        "No default language could be detected for this app.\n" +
        "\t\t\tHINT: This occurs when Heroku cannot detect the buildpack to use for this application automatically.\n" +
        "\t\t\tSee https://devcenter.heroku.com/articles/buildpacks\n" +
        $"\t\t\tThis platform detects: {string.Join(", ", registry.Buildpacks.Select(static b => b.DisplayName))}; and it runs what a Procfile names.\n" +
        "\t\t\tThe files that tell are looked for in the root of the app. Name a buildpack with 'heroku buildpacks:set' to use another.";
}
