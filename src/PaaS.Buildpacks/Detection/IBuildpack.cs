namespace PaaS.Buildpacks;

/// <summary>Knows one kind of app: whether a source tree is one, and how to build it.</summary>
public interface IBuildpack
{
    /// <summary>The name in <c>Using buildpack:</c>, such as <c>heroku/nodejs</c>.</summary>
    string Id { get; }

    /// <summary>The name for people, as in <c>Node.js app detected</c>.</summary>
    string DisplayName { get; }

    /// <summary>Says whether it can build this tree. Looks only; changes nothing and starts nothing of the app's.</summary>
    /// <param name="context">The build. The tree is as it was pushed, less what .slugignore lists.</param>
    /// <param name="cancellationToken">Gives up.</param>
    ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken);

    /// <summary>Turns <see cref="BuildContext.BuildDirectory"/> into the app as it will run, in place.</summary>
    /// <param name="context">The build.</param>
    /// <param name="cancellationToken">Gives up, also when the build takes too long. What <see cref="BuildContext.RunAsync"/> started is killed.</param>
    ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken);
}
