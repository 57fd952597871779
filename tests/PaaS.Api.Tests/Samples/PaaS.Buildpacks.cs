using PaaS.Buildpacks;

namespace PaaS.Api.Tests.Samples;

/// <summary>The sample of PaaS.Buildpacks' readme.</summary>
internal static class BuildpacksSample
{
    // sample
    public sealed class StaticSiteBuildpack : IBuildpack
    {
        public string Id => "example/static";

        public string DisplayName => "Static site";

        public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(Detection.If(context.Tree.HasFile("index.html"), "There is no index.html."));

        public ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult<CompileResult>(new Compiled());

        public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult(BuildpackRelease.Web("python3 -m http.server $PORT"));
    }

    // end
}
