namespace PaaS.Buildpacks;

/// <summary>
/// The programs that serve a PHP app, under the names that Procfiles know from the official buildpack. They are scripts in the app; what
/// they start is the machine's.
/// </summary>
internal static class PhpRunner
{
    /// <summary>The default web process.</summary>
    public const string Apache = "heroku-php-apache2";

    private const string Nginx = "heroku-php-nginx";
    private const string Directory = ".heroku/php/bin";

    /// <summary>Procfiles name the programs where Composer puts such: <c>vendor/bin/heroku-php-apache2</c>.</summary>
    private const string Forward = """
        #!/usr/bin/env bash
        exec "$HOME/.heroku/php/bin/${0##*/}" "$@"

        """;

    /// <summary>Writes all that serving needs into the app.</summary>
    /// <param name="context">The build.</param>
    /// <param name="programs">Where Composer puts programs.</param>
    public static void Write(BuildContext context, SourcePath programs)
    {
        foreach (var name in (string[])[Apache, Nginx])
        {
            context.WriteFile($"{Directory}/{name}", PhpScripts.Serve, executable: true);
            context.WriteFile($"{programs}/{name}", Forward, executable: true);
        }

        context.WriteFile(".heroku/php/router.php", PhpScripts.Router);
        context.WriteFile(PaaS.Buildpacks.Nginx.TypesFile, PaaS.Buildpacks.Nginx.Types);
        context.WriteFile(".heroku/php/http.conf", PaaS.Buildpacks.Nginx.Http);
    }
}
