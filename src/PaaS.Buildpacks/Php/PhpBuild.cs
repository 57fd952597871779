using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>The steps of one PHP build.</summary>
/// <param name="context">The build.</param>
/// <param name="composer">What the app's composer.json says; null if there is none.</param>
/// <param name="cancellationToken">Gives up.</param>
internal sealed class PhpBuild(BuildContext context, ComposerJson? composer, CancellationToken cancellationToken)
{
    private Dictionary<string, string> _environment = [];
    private string _php = string.Empty;

    public async ValueTask<CompileResult> RunAsync()
    {
        var problem = await CheckAsync().ConfigureAwait(false);
        if (problem is null && composer is not null)
        {
            problem = await CheckPlatformAsync().ConfigureAwait(false)
                ?? await InstallAsync().ConfigureAwait(false)
                ?? await CompileAsync().ConfigureAwait(false);
        }

        if (problem is not null)
        {
            return new CompileFailed(problem);
        }

        var programs = (composer ?? ComposerJson.None).BinDirectory;
        PhpRunner.Write(context, programs);
        context.WriteFile(".profile.d/php.sh", PhpEnvironment.Profile(programs));
        if (!context.Tree.Exists("Procfile"))
        {
            context.Output.Warning($"No Procfile, using 'web: {PhpRunner.Apache}', which serves the app's root. To serve another directory, write 'web: {PhpRunner.Apache} public/' into a Procfile.");
        }

        return new Compiled(ImmutableSortedDictionary.CreateRange(StringComparer.Ordinal, [KeyValuePair.Create("PATH", $"{context.AppPath}/{programs}:{context.Environment["PATH"]}")]));
    }

    private async ValueTask<string?> CheckAsync()
    {
        if (Toolchain.Missing(context, "PHP", "php-cli php-fpm php-mbstring php-xml composer nginx-light", composer is null ? ["php"] : ["php", "composer"]) is { } missing)
        {
            return missing;
        }

        var (exit, text) = await context.ReadAsync(["php", "-r", "echo PHP_VERSION;"], cancellationToken: cancellationToken).ConfigureAwait(false);
        if (!exit.Succeeded || text.Length is 0 or > 100)
        {
            return $"PHP does not say which version it is: it ended with status {exit.Status} and said '{TreeName.Shown(text)}'. Repair php on the platform's machine.";
        }

        _php = text;
        _environment = PhpEnvironment.Of(context);
        context.Output.Heading($"Using PHP {_php} of this machine");
        return null;
    }

    /// <summary>The official buildpack installs the PHP and the extensions that are asked for; here they have to be there.</summary>
    private async ValueTask<string?> CheckPlatformAsync()
    {
        var isLocked = context.Tree.HasFile("composer.lock");
        if (!isLocked && composer!.HasPackages)
        {
            return "Your composer.json lists dependencies inside require, but no composer.lock was found. Run 'composer update' locally, and add, commit and push the composer.lock.";
        }

        if (!isLocked)
        {
            return null;
        }

        var (exit, text) = await context.ReadAsync(
            ["composer", "check-platform-reqs", "--lock", "--no-dev", "--no-plugins", "--no-ansi"], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        if (exit.Succeeded)
        {
            return null;
        }

        foreach (var line in text.Split('\n').Take(200))
        {
            context.Output.Detail(line);
        }

        return $"This platform has PHP {_php}, and not all that composer.json and composer.lock require; the table above says what is missing. "
            + "Require what is there, or have it installed on the platform's machine: an extension ext-NAME is mostly in the package php-NAME ('apt-get install php-NAME').";
    }

    private async ValueTask<string?> InstallAsync()
    {
        context.Output.Heading("Installing dependencies...");
        if (context.Packages.Offline)
        {
            context.Output.Detail("Offline: packages come from the app's own tree and Composer's cache, libraries of this machine by their include path");
        }

        return await ComposerAsync(["install", "--no-dev", "--prefer-dist", "--optimize-autoloader", "--no-progress"]).ConfigureAwait(false) is { } problem
            ? context.Packages.Offline
                ? $"{problem}\nThis platform builds offline: packages of composer.lock must be in the app itself (repositories of the type path or artifact)."
                : problem
            : null;
    }

    private async ValueTask<string?> CompileAsync()
    {
        if (!composer!.HasCompile)
        {
            return null;
        }

        context.Output.Heading("Running 'composer compile'...");
        return await ComposerAsync(["run-script", "--no-dev", "compile"]).ConfigureAwait(false);
    }

    private async ValueTask<string?> ComposerAsync(ImmutableArray<string> arguments)
    {
        var exit = await context.RunAsync(["composer", .. arguments], _environment, cancellationToken: cancellationToken).ConfigureAwait(false);
        return exit.Succeeded ? null : $"'composer {string.Join(' ', arguments)}' ended with status {exit.Status}. What it printed stands above.";
    }
}
