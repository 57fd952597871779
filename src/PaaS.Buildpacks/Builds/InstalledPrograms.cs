using System.Globalization;

namespace PaaS.Buildpacks;

/// <summary>
/// What the machine's programs look like from outside, as texts: another compiler may make another app. Packages are known by their manager's list;
/// beside it stand the programs that were installed without one, and where links such as <c>/usr/bin/java</c> lead.
/// </summary>
internal static class InstalledPrograms
{
    private const int MaxEntries = 10_000;

    /// <summary>What a host that is not root may not list, its builds can't list either.</summary>
    private static readonly EnumerationOptions Readable = new() { IgnoreInaccessible = true, AttributesToSkip = 0 };

    private static readonly string[] Lists = ["/var/lib/dpkg/status", "/var/lib/rpm/rpmdb.sqlite", "/lib/apk/db/installed"];

    /// <summary>Their files are in a package manager's list; links are looked at all the same, for an operator may turn them.</summary>
    private static readonly HashSet<string> Listed = ["/usr/bin", "/bin", "/usr/sbin", "/sbin"];

    /// <summary>Looks at them; nothing is run.</summary>
    /// <param name="path">The builds' <c>PATH</c>.</param>
    /// <param name="toolchains">What else builds see of the machine.</param>
    public static IEnumerable<string> Of(string path, IEnumerable<string> toolchains)
    {
        var directories = path.Split(':', StringSplitOptions.RemoveEmptyEntries).Where(Path.IsPathFullyQualified).Select(Path.TrimEndingDirectorySeparator).Distinct(StringComparer.Ordinal);
        return
        [
            .. Lists.Where(File.Exists).Select(static list => Text(new FileInfo(list))),
            .. directories.Where(Directory.Exists).SelectMany(Programs),
            .. toolchains.SelectMany(static toolchain => Directory.Exists(toolchain) ? Entries(toolchain, 2) : File.Exists(toolchain) ? [Text(new FileInfo(toolchain))] : []),
        ];
    }

    private static IEnumerable<string> Programs(string directory)
    {
        var isListed = Listed.Contains(directory);
        foreach (var program in Sorted(directory))
        {
            if (program.LinkTarget is not null)
            {
                var target = Final(program);
                yield return $"{program.FullName} -> {(target is null ? string.Empty : Text(target))}";

                // .NET's program stays as it is when an SDK is put beside it.
                if (program.Name == "dotnet" && target is not null)
                {
                    foreach (var sdk in Sdks(target))
                    {
                        yield return sdk;
                    }
                }
            }
            else if (!isListed)
            {
                yield return Text(program);
            }
        }
    }

    private static IEnumerable<string> Sdks(FileSystemInfo dotnet)
    {
        var sdks = Path.Combine(Path.GetDirectoryName(dotnet.FullName)!, "sdk");
        return Directory.Exists(sdks) ? Entries(sdks, 1) : [];
    }

    private static IEnumerable<string> Entries(string directory, int depth)
    {
        foreach (var entry in Sorted(directory))
        {
            yield return Text(entry);
            if (depth > 1 && entry is DirectoryInfo { LinkTarget: null })
            {
                foreach (var inner in Entries(entry.FullName, depth - 1))
                {
                    yield return inner;
                }
            }
        }
    }

    private static IEnumerable<FileSystemInfo> Sorted(string directory) =>
        new DirectoryInfo(directory).EnumerateFileSystemInfos("*", Readable).Take(MaxEntries).OrderBy(static entry => entry.Name, StringComparer.Ordinal);

    private static FileSystemInfo? Final(FileSystemInfo link)
    {
        try
        {
            return link.ResolveLinkTarget(returnFinalTarget: true);
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It leads in a circle or where this user may not look, and no build can run it either.
            return null;
        }
    }

    private static string Text(FileSystemInfo file) =>
        string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {(file is FileInfo { Exists: true, Length: var length } ? length : 0)} {file.LastWriteTimeUtc.Ticks}");
}
