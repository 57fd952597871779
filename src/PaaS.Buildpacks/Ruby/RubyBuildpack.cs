using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>
/// Builds Ruby apps with the machine's own Ruby and Bundler: the gems of Gemfile.lock without the groups development and test, into vendor/bundle,
/// which is kept between builds; <c>rake assets:precompile</c> where the app has such a task. Rails and Rack apps get a web
/// process. The Gemfile's <c>ruby</c> line must admit the Ruby that is there. Offline, gems are those of the system.
/// </summary>
public sealed class RubyBuildpack : IBuildpack
{
    /// <inheritdoc/>
    public string Id => "heroku/ruby";

    /// <inheritdoc/>
    public string DisplayName => "Ruby";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            context.Tree.HasFile("Gemfile"),
            "There is no Gemfile in the root of the app. Check that it is committed, and neither in .gitignore nor in .slugignore."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return GemfileLock.Read(context.Tree) is { } locked
            ? await new RubyBuild(context, locked, cancellationToken).RunAsync().ConfigureAwait(false)
            : new CompileFailed($"Gemfile.lock required. Please check it in. (Run 'bundle lock', then 'git add Gemfile.lock'. It may hold {GemfileLock.MaxBytes >> 20} MB.)");
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        var locked = GemfileLock.Read(context.Tree) ?? GemfileLock.Empty;
        var types = RubyRelease.ProcessTypes(locked, context.Tree.HasFile("config.ru"));
        return ValueTask.FromResult(new BuildpackRelease
        {
            DefaultProcessTypes = types.ToImmutableSortedDictionary(static t => ProcessType.Parse(t.Key), static t => t.Value),
            ConfigVars = RubyRelease.IsRails(locked) && SecretKeyBase.Read(context) is { } secret
                ? ImmutableSortedDictionary<string, string>.Empty.Add(SecretKeyBase.Name, secret)
                : ImmutableSortedDictionary<string, string>.Empty,
            AddOns = locked.Has("pg") ? ["heroku-postgresql"] : [],
        });
    }
}
