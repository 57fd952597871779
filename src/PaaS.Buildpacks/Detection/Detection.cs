namespace PaaS.Buildpacks;

/// <summary>What a buildpack says of a source tree.</summary>
/// <param name="Applies">Whether it can build it.</param>
/// <param name="Reason">Why not; shown only to those who chose the buildpack themselves.</param>
/// <param name="DisplayName">The name for people, if this tree gives the buildpack another one than usual.</param>
public sealed record Detection(bool Applies, string? Reason = null, string? DisplayName = null)
{
    /// <summary>It can.</summary>
    public static Detection Yes { get; } = new(true);

    /// <summary>It cannot.</summary>
    /// <param name="reason">Why.</param>
    public static Detection No(string reason) => new(false, reason);

    /// <summary>It can if a condition holds.</summary>
    /// <param name="applies">The condition.</param>
    /// <param name="reason">Why not, if it does not.</param>
    public static Detection If(bool applies, string reason) => applies ? Yes : No(reason);
}
