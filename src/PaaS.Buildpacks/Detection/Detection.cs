namespace PaaS.Buildpacks;

/// <summary>What a buildpack says of a source tree.</summary>
/// <param name="Applies">Whether it can build it.</param>
/// <param name="Reason">Why not; shown only to those who chose the buildpack themselves.</param>
public sealed record Detection(bool Applies, string? Reason = null)
{
    /// <summary>It can.</summary>
    public static Detection Yes { get; } = new(true);

    /// <summary>It cannot.</summary>
    /// <param name="reason">Why.</param>
    public static Detection No(string reason) => new(false, reason);
}
