namespace PaaS.Core;

/// <summary>Whose rules a Procfile is read by.</summary>
public enum ProcfileMode
{
    /// <summary>
    /// The SDK's own: takes what nearly every tool takes, warns of what Heroku would read otherwise, and refuses what is surely an
    /// accident (merge-conflict markers, continuation lines).
    /// </summary>
    Default,

    /// <summary>Heroku's classic generation: what matches is an entry, the rest is ignored, nothing is an error.</summary>
    HerokuCedar,

    /// <summary>Heroku's generation of Cloud Native Buildpacks: names are strict or mended with a warning; anything else fails the build.</summary>
    HerokuFir,
}
