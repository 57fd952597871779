using System.Buffers;
using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>The digest of a slug archive: what it is called in the store and what it must hash to. Text form <c>sha256:</c> and 64 lower-case hex digits.</summary>
public readonly record struct SlugId : IParsable<SlugId>
{
    private const string Prefix = "sha256:";
    private static readonly SearchValues<char> HexDigits = SearchValues.Create("0123456789abcdef");
    private readonly string? _hex;

    private SlugId(string hex) => _hex = hex;

    /// <summary>The 64 hex digits alone.</summary>
    public string Hex => _hex ?? new string('0', 64);

    /// <summary>Makes the id of a SHA-256 digest.</summary>
    /// <param name="digest">32 bytes.</param>
    /// <exception cref="ArgumentException">Not 32 bytes.</exception>
    public static SlugId FromDigest(ReadOnlySpan<byte> digest) =>
        digest.Length == 32 ? new SlugId(Convert.ToHexStringLower(digest)) : throw new ArgumentException("A slug digest has 32 bytes.", nameof(digest));

    /// <inheritdoc/>
    public static SlugId Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var id) ? id : throw new FormatException("A slug id is 'sha256:' followed by 64 lower-case hex digits.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, out SlugId result)
    {
        result = default;
        if (s is null || s.Length != Prefix.Length + 64 || !s.StartsWith(Prefix, StringComparison.Ordinal))
        {
            return false;
        }

        var hex = s[Prefix.Length..];
        if (hex.AsSpan().ContainsAnyExcept(HexDigits))
        {
            return false;
        }

        result = new SlugId(hex);
        return true;
    }

    /// <inheritdoc/>
    public override string ToString() => Prefix + Hex;
}

/// <summary>A built app, ready to run: the description that releases carry. The bytes are in an <see cref="ISlugStore"/>.</summary>
/// <param name="Id">The archive's digest.</param>
/// <param name="Size">The archive's size in bytes.</param>
/// <param name="ProcessTypes">What it can run: process type to command, the Procfile's and the buildpack's defaults.</param>
/// <param name="Commit">The commit it was built from, if it came from git or the builder named one.</param>
/// <param name="BuildpackDescription">What built it, as shown to people: <c>Node.js</c>.</param>
/// <param name="Stack">The stack it was built for.</param>
/// <param name="Manifest">What its <c>app.json</c> says; <see langword="null"/> if it has none.</param>
/// <param name="AppDirectory">
/// The directory of the tree where the app itself is: its dynos' home and working directory. <see langword="null"/> for the tree's root.
/// </param>
public sealed record Slug(
    SlugId Id,
    long Size,
    ImmutableSortedDictionary<ProcessType, string> ProcessTypes,
    string? Commit,
    string BuildpackDescription,
    string Stack,
    AppManifest? Manifest = null,
    SourcePath? AppDirectory = null)
{
    /// <summary>The stack name that buildpacks are told. They switch on it, and some refuse a name they don't know.</summary>
    public const string DefaultStack = "heroku-24";
}
