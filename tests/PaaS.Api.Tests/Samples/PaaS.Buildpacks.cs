using System.Collections.Immutable;
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
            ValueTask.FromResult(context.HasFile("index.html") ? Detection.Yes : Detection.No("There is no index.html."));

        public ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken) =>
            ValueTask.FromResult<CompileResult>(new Compiled(
                ImmutableSortedDictionary<ProcessType, string>.Empty.Add(ProcessType.Web, "python3 -m http.server $PORT")));
    }

    // end
}
