namespace PaaS.Buildpacks;

/// <summary>
/// Knows one kind of app: whether a source tree is one, how to build it, and what it then can run. The three questions are those
/// of Heroku's buildpack API (<c>bin/detect</c>, <c>bin/compile</c>, <c>bin/release</c>). One instance serves all builds, also
/// several at once: what belongs to one build stands in its <see cref="BuildContext"/>.
/// </summary>
public interface IBuildpack
{
    /// <summary>The name in <c>Using buildpack:</c>, such as <c>heroku/nodejs</c>.</summary>
    string Id { get; }

    /// <summary>The name for people, as in <c>Node.js app detected</c>.</summary>
    string DisplayName { get; }

    /// <summary>Says whether it can build this tree. Looks only; changes nothing of the tree.</summary>
    /// <param name="context">The build. The tree is as it was pushed, less what .slugignore lists, or as the buildpack before left it.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken);

    /// <summary>Turns the tree into the app as it will run, in place.</summary>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up, also when the build takes too long. What <see cref="BuildContext.RunAsync"/> started is killed.</param>
    ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken);

    /// <summary>
    /// Says what the tree can run, beside what its Procfile declares. Asked after a compile; also of a tree that was not compiled, by whoever
    /// wants to know beforehand. Looks only. Of several buildpacks the last one's answer counts.
    /// </summary>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken);
}
