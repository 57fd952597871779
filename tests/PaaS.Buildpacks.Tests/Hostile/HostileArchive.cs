namespace PaaS.Buildpacks.Tests;

/// <summary>An archive that wants to do harm, or is damaged.</summary>
/// <param name="Name">What it tries.</param>
/// <param name="Make">Makes it. The text is a directory outside that it may aim at: <c>victim</c> is a file there, <c>open</c> a directory.</param>
/// <param name="Refused">Whether it must be refused; else it may be unpacked without harm.</param>
internal sealed record HostileArchive(string Name, Func<string, Stream> Make, bool Refused = true)
{
    public override string ToString() => Name;
}
