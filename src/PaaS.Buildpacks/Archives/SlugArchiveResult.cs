namespace PaaS.Buildpacks;

/// <summary>What was packed.</summary>
/// <param name="Size">The archive's size in bytes.</param>
/// <param name="UnpackedBytes">Its size before compression, headers included.</param>
/// <param name="Blocks">How many blocks it is made of.</param>
/// <param name="CachedBlocks">How many of them were in the cache.</param>
/// <param name="LeftOut">The names of what was left out, at most 100: sockets, FIFOs, devices and names that are not UTF-8.</param>
/// <param name="CacheProblem">Why the cache could not be used in full; <see langword="null"/> if nothing is wrong with it. The archive is complete all the same.</param>
public sealed record SlugArchiveResult(long Size, long UnpackedBytes, int Blocks, int CachedBlocks, IReadOnlyList<string> LeftOut, string? CacheProblem);
