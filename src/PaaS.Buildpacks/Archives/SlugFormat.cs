namespace PaaS.Buildpacks;

/// <summary>How a slug is compressed. Either is read, whatever is written.</summary>
public enum SlugFormat
{
    /// <summary>A tar.gz, as Heroku's: every tool reads it.</summary>
    Gzip,

    /// <summary>A tar.zst: smaller and quicker, where the machine has libzstd 1.4 or later. Every machine that runs the slug needs it, too.</summary>
    Zstd,
}
