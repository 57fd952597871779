namespace PaaS.Buildpacks.Tests;

/// <summary>A fact about users of apps' own; only root can start anything as them.</summary>
public sealed class RootFactAttribute : FactAttribute
{
    public RootFactAttribute() => Skip = Environment.IsPrivilegedProcess ? null : "Needs root.";
}
