namespace PaaS.Buildpacks;

/// <summary>Compiles the assets of a Ruby app that has a task for it: <c>rake assets:precompile</c>.</summary>
internal sealed class RubyAssets(BuildContext context, GemfileLock locked, IReadOnlyDictionary<string, string> variables, CancellationToken cancellationToken)
{
    private const string RemoveCache = "rm -rf tmp/cache/assets";
    private static readonly SourcePath[] s_kept = [SourcePath.Parse("public/assets"), SourcePath.Parse("tmp/cache/assets")];
    private static readonly string[] s_rakefiles = ["Rakefile", "rakefile", "Rakefile.rb", "rakefile.rb"];

    /// <summary>Gems that bring the task.</summary>
    private static readonly string[] s_assetGems = ["sprockets-rails", "propshaft", "webpacker", "shakapacker"];

    /// <summary>What is wrong, or null.</summary>
    public async ValueTask<string?> RunAsync()
    {
        if (!locked.Has("rake") || !s_rakefiles.Any(context.Tree.HasFile))
        {
            return null;
        }

        if (HasManifest())
        {
            context.Output.Heading("Preparing app for Rails asset pipeline");
            context.Output.Detail("Detected manifest file, assuming assets were compiled locally");
            return null;
        }

        var environment = Environment();
        if (!await HasTaskAsync(environment).ConfigureAwait(false))
        {
            return null;
        }

        context.Output.Heading("Preparing app for Rails asset pipeline");
        var kept = new KeptDirectories(context, "ruby-assets", cancellationToken);
        await kept.RestoreAsync(s_kept).ConfigureAwait(false);
        var restored = context.Tree.HasDirectory("public/assets");
        if (await RakeAsync("assets:precompile", environment).ConfigureAwait(false) is { } problem)
        {
            return problem;
        }

        if (restored && await RakeAsync("assets:clean", environment).ConfigureAwait(false) is { } unclean)
        {
            return unclean;
        }

        await kept.StoreAsync(s_kept).ConfigureAwait(false);
        _ = await context.RunAsync(["bash", "-c", RemoveCache], cancellationToken: cancellationToken).ConfigureAwait(false);
        return null;
    }

    private bool HasManifest() =>
        context.Tree.Files("public/assets").Any(static name =>
            name is ".manifest.json" or "manifest.yml"
            || (name.EndsWith(".json", StringComparison.Ordinal) && (name.StartsWith("manifest-", StringComparison.Ordinal) || name.StartsWith(".sprockets-manifest-", StringComparison.Ordinal))));

    private async ValueTask<bool> HasTaskAsync(Dictionary<string, string> environment)
    {
        if (s_assetGems.Any(locked.Has))
        {
            return true;
        }

        var (exit, tasks) = await context.ReadAsync(["bundle", "exec", "rake", "-P"], environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded)
        {
            context.Output.Warning($"'rake -P' ended with status {exit.Status}, so no assets are compiled:");
            foreach (var line in tasks.Split('\n').Take(20))
            {
                context.Output.Detail(line);
            }
        }

        return exit.Succeeded && tasks.Split('\n').Contains("rake assets:precompile", StringComparer.Ordinal);
    }

    private async ValueTask<string?> RakeAsync(string task, Dictionary<string, string> environment)
    {
        context.Output.Detail($"Running: rake {task}");
        var exit = await context.RunAsync(["bundle", "exec", "rake", task], environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'bundle exec rake {task}' ended with status {exit.Status}. What it printed stands above.";
    }

    /// <summary>The app is loaded, but must not need its secrets or its database for that (Heroku's stand-ins).</summary>
    private Dictionary<string, string> Environment()
    {
        var environment = new Dictionary<string, string>(variables, StringComparer.Ordinal);
        _ = environment.TryAdd("RAILS_GROUPS", "assets");
        _ = environment.TryAdd(SecretKeyBase.Name, "dummy");
        var adapter = locked.Has("pg") ? "postgres" : locked.Has("mysql2") ? "mysql2" : locked.Has("mysql") ? "mysql" : null;
        if (adapter is not null)
        {
            _ = environment.TryAdd("DATABASE_URL", $"{adapter}://user:pass@127.0.0.1/dbname");
        }

        return environment;
    }
}
