namespace PaaS.Buildpacks.Tests;

/// <summary>Foreign buildpacks as a test has them.</summary>
internal sealed class FakeSource(Func<BuildpackReference, FetchedBuildpack> fetch) : IBuildpackSource
{
    public List<string> Fetched { get; } = [];

    public ValueTask<FetchedBuildpack> FetchAsync(BuildpackReference reference, BuildContext context, CancellationToken cancellationToken)
    {
        Fetched.Add(reference.Text);
        return ValueTask.FromResult(fetch(reference));
    }
}
