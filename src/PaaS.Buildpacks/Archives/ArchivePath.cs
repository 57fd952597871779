using System.Text;

namespace PaaS.Buildpacks;

/// <summary>The name of an archive's entry as a list of names below the root, after every check that needs no disk.</summary>
internal static class ArchivePath
{
    private const int LongestName = 255;

    /// <summary>Takes a name apart. An empty list is the root itself.</summary>
    /// <param name="bytes">The name as in the archive.</param>
    /// <param name="limits">How long and how deep it may be.</param>
    /// <exception cref="SourceRejectedException">It is no path below the root.</exception>
    public static string[] Parse(ReadOnlySpan<byte> bytes, SourceLimits limits)
    {
        var text = TreeName.Of(bytes).Text ?? throw Rejected(bytes, "its name is not valid UTF-8. Rename the file.");
        if (text.Contains('\0', StringComparison.Ordinal))
        {
            throw Rejected(bytes, "its name contains a NUL character. Rename the file.");
        }

        if (text.StartsWith('/') || (OperatingSystem.IsWindows() && text.AsSpan().ContainsAny('\\', ':')))
        {
            throw Rejected(bytes, "its name is absolute. Pack the files with names relative to the app's root.");
        }

        var names = text.Split('/').Where(static n => n is not ("" or ".")).ToArray();
        if (names.Contains(".."))
        {
            throw Rejected(bytes, "its name contains '..'. Pack the files from within the app's root.");
        }

        if (bytes.Length > limits.PathLength || names.Any(static n => Encoding.UTF8.GetByteCount(n) > LongestName))
        {
            throw Rejected(bytes, $"its path has {bytes.Length} bytes or a name in it more than {LongestName}; a path may have {limits.PathLength}. Shorten the names.");
        }

        return names.Length <= limits.Depth ? names : throw Rejected(bytes, $"it is {names.Length} levels deep; {limits.Depth} are allowed. Flatten the directories.");
    }

    /// <summary>A refusal of one entry.</summary>
    /// <param name="name">The entry.</param>
    /// <param name="why">Why, and how to mend it.</param>
    public static SourceRejectedException Rejected(ReadOnlySpan<byte> name, string why) =>
        new($"The archive's entry '{TreeName.Of(name)}' is refused: {why}");
}
