namespace PaaS.Runtime;

/// <summary>What of a release the dynos run.</summary>
/// <param name="Version">The release's number.</param>
/// <param name="Slug">The code, and the commands of its process types.</param>
/// <param name="ConfigVars">What the dynos get in their environment.</param>
public sealed record RunningRelease(ReleaseVersion Version, Slug Slug, ConfigVars ConfigVars);
