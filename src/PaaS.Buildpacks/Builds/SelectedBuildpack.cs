namespace PaaS.Buildpacks;

/// <summary>A buildpack that is to build an app.</summary>
/// <param name="Reference">What names it.</param>
/// <param name="Buildpack">The buildpack; null for one that need not be fetched to know what it is.</param>
/// <param name="Digest">What exactly it is.</param>
/// <param name="DisplayName">What it calls the app, if it was asked already.</param>
internal sealed record SelectedBuildpack(BuildpackReference Reference, IBuildpack? Buildpack, string Digest, string? DisplayName = null);
