using System.Diagnostics.CodeAnalysis;

namespace PaaS.Core;

/// <summary>
/// Names a buildpack: one of the platform's own or of Heroku's list (<c>heroku/ruby</c>, <c>ruby</c> or, as Heroku's API has it,
/// <c>urn:buildpack:heroku/ruby</c>; <c>org/name</c>), a git repository
/// (<c>https://host/path.git#v2</c>), a tarball (<c>https://host/path.tgz</c>, with <c>#sha256=HEX</c> if it must be that very file), or a folder of the machine (<c>/srv/buildpacks/x</c>,
/// <c>file:///srv/buildpacks/x#v2</c>), which the platform's operator must have listed. At most 2,048 characters.
/// </summary>
public sealed record BuildpackReference : IParsable<BuildpackReference>
{
    private const int MaxLength = 2048;

    private const string NameMark = "urn:buildpack:";
    private const string DigestMark = "sha256=";

    private BuildpackReference(string text, BuildpackKind kind, string location, string? @ref, string? sha256 = null) =>
        (Text, Kind, Location, Ref, Sha256) = (text, kind, location, @ref, sha256);

    /// <summary>The reference as it was written.</summary>
    public string Text { get; }

    /// <summary>What it names.</summary>
    public BuildpackKind Kind { get; }

    /// <summary>The name, the address without its fragment, or the absolute path.</summary>
    public string Location { get; }

    /// <summary>The branch, tag or commit behind <c>#</c>; <see langword="null"/> for the default branch.</summary>
    public string? Ref { get; }

    /// <summary>The digest behind <c>#sha256=</c> that a tarball must have, 64 digits in lower case; <see langword="null"/> for any.</summary>
    public string? Sha256 { get; }

    /// <summary>Whether it can only ever mean the same bytes: a repository's full commit id, or a tarball's digest.</summary>
    public bool IsPinned => Sha256 is not null || (Ref is { Length: 40 } && Ref.All(char.IsAsciiHexDigitLower));

    /// <summary>Reads a reference.</summary>
    /// <exception cref="FormatException">It is none; the message says what is.</exception>
    public static BuildpackReference Parse(string s, IFormatProvider? provider = null) =>
        TryParse(s, provider, out var reference) ? reference : throw new FormatException(
            $"'{Printable.Of(s, 200)}' names no buildpack. Write a name such as heroku/nodejs, the https address, without user and password, of a git repository (with #branch, #tag or #commit if need be) or of a .tgz, or an absolute path.");

    /// <inheritdoc/>
    public static bool TryParse([NotNullWhen(true)] string? s, IFormatProvider? provider, [NotNullWhen(true)] out BuildpackReference? result)
    {
        result = null;
        if (s is null or { Length: 0 or > MaxLength } || s.Any(static c => c is <= ' ' or '\u007f' or '\\' or '"' or '\''))
        {
            return false;
        }

        var hash = s.IndexOf('#', StringComparison.Ordinal);
        var place = hash < 0 ? s : s[..hash];
        var @ref = hash < 0 ? null : s[(hash + 1)..];
        if (place.StartsWith(NameMark, StringComparison.Ordinal))
        {
            place = place[NameMark.Length..];
        }

        var isDigest = @ref?.StartsWith(DigestMark, StringComparison.Ordinal) == true;
        if (@ref is not null && !isDigest && !IsRef(@ref))
        {
            return false;
        }

        result = place switch
        {
            _ when place.StartsWith('/') => OfFolder(s, place, @ref),
            _ when place.Contains(':', StringComparison.Ordinal) => OfAddress(s, place, @ref),
            _ when @ref is null && IsName(place) => new BuildpackReference(s, BuildpackKind.Named, place, null),
            { Length: > 0 } when @ref is null && IsWord(place) => new BuildpackReference(s, BuildpackKind.Named, $"heroku/{place}", null),
            _ => null,
        };
        return result is not null;
    }

    /// <inheritdoc/>
    public override string ToString() => Text;

    private static BuildpackReference? OfFolder(string text, string path, string? @ref) =>
        path.Split('/').Any(static part => part is "." or "..") || @ref?.Contains('=', StringComparison.Ordinal) == true ? null : new BuildpackReference(text, BuildpackKind.Folder, path, @ref);

    private static BuildpackReference? OfAddress(string text, string place, string? @ref)
    {
        if (!Uri.TryCreate(place, UriKind.Absolute, out var uri))
        {
            return null;
        }

        if (uri.IsFile)
        {
            return uri.Host.Length == 0 ? OfFolder(text, Uri.UnescapeDataString(uri.AbsolutePath), @ref) : null;
        }

        if (uri.Scheme is not ("https" or "http") || uri.UserInfo.Length > 0)
        {
            return null;
        }

        var path = uri.AbsolutePath;
        var isArchive = path.EndsWith(".tgz", StringComparison.OrdinalIgnoreCase) || path.EndsWith(".tar.gz", StringComparison.OrdinalIgnoreCase);
        if (isArchive)
        {
            return @ref is null ? new BuildpackReference(text, BuildpackKind.Archive, place, null)
                : @ref.StartsWith(DigestMark, StringComparison.Ordinal) && @ref[DigestMark.Length..] is { Length: 64 } digest && digest.All(char.IsAsciiHexDigit)
                    ? new BuildpackReference(text, BuildpackKind.Archive, place, null, digest.ToLowerInvariant())
                    : null;
        }

        return @ref?.Contains('=', StringComparison.Ordinal) == true ? null : new BuildpackReference(text, BuildpackKind.Git, place, @ref);
    }

    private static bool IsName(string text) =>
        text.Split('/') is [{ Length: > 0 } space, { Length: > 0 } name] && IsWord(space) && IsWord(name);

    private static bool IsWord(string text) => char.IsAsciiLetterOrDigit(text[0]) && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-');

    /// <summary>Git's own rules, narrowed: nothing that could be an option or a revision expression.</summary>
    private static bool IsRef(string text) =>
        text is { Length: > 0 and <= 255 } && char.IsAsciiLetterOrDigit(text[0]) && !text.Contains("..", StringComparison.Ordinal) && !text.EndsWith('/')
        && text.All(static c => char.IsAsciiLetterOrDigit(c) || c is '.' or '_' or '-' or '/' or '+' or '@');
}

/// <summary>What a <see cref="BuildpackReference"/> names.</summary>
public enum BuildpackKind
{
    /// <summary>A buildpack by name: the platform's own, else the repository <c>heroku-buildpack-NAME</c> of the organisation on GitHub.</summary>
    Named,

    /// <summary>A git repository behind HTTPS.</summary>
    Git,

    /// <summary>A gzip'd tar behind HTTPS; its <c>bin</c> is in its root or in its only directory.</summary>
    Archive,

    /// <summary>A folder of the machine, or a git repository in one.</summary>
    Folder,
}
