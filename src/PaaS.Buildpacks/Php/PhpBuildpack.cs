namespace PaaS.Buildpacks;

/// <summary>
/// Builds PHP apps with the machine's own PHP and Composer: the packages of composer.lock without those for development, and the script
/// <c>compile</c>. The app's dynos find <c>heroku-php-apache2</c> and <c>heroku-php-nginx</c>, which serve it with php-fpm behind nginx
/// where the machine has both, else with PHP's own server. PHP and its extensions must be what the app requires.
/// </summary>
public sealed class PhpBuildpack : IBuildpack
{
    /// <inheritdoc/>
    public string Id => "heroku/php";

    /// <inheritdoc/>
    public string DisplayName => "PHP";

    /// <inheritdoc/>
    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        return ValueTask.FromResult(Detection.If(
            context.Tree.HasFile("composer.json") || context.Tree.HasFile("index.php"),
            "There is neither a composer.json nor an index.php in the root of the app."));
    }

    /// <inheritdoc/>
    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(context);
        string? text;
        try
        {
            text = context.Tree.ReadText("composer.json", ComposerJson.MaxBytes);
        }
        catch (InvalidDataException e)
        {
            return new CompileFailed(e.Message);
        }

        if (text is null)
        {
            return await new PhpBuild(context, null, cancellationToken).RunAsync().ConfigureAwait(false);
        }

        return ComposerJson.TryParse(text, out var composer, out var problem)
            ? await new PhpBuild(context, composer, cancellationToken).RunAsync().ConfigureAwait(false)
            : new CompileFailed(problem);
    }

    /// <inheritdoc/>
    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) => ValueTask.FromResult(BuildpackRelease.Web(PhpRunner.Apache));
}
