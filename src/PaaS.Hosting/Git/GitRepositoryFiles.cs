using System.Globalization;
using System.Text;

namespace PaaS.Hosting;

/// <summary>The files of a bare repository that are the host's to write: its configuration and attributes.</summary>
internal static class GitRepositoryFiles
{
    // Of all sources of attributes this one wins: what is built is what was committed.
    private const string Attributes = "* -export-ignore -export-subst\n";

    /// <summary>The whole configuration; no other is read.</summary>
    /// <param name="hooks">The directory of hooks.</param>
    /// <param name="maxPushBytes">The largest pack.</param>
    /// <param name="version">git's version.</param>
    public static string Configuration(string hooks, long maxPushBytes, Version version)
    {
        // Before 2.36 there is a switch only for loose objects; packs were always synced.
        var sync = version >= new Version(2, 36) ? "fsync = all" : "fsyncObjectFiles = true";

        // Old histories have these flaws, and they harm nobody.
        return string.Create(CultureInfo.InvariantCulture, $"""
            [core]
            	repositoryFormatVersion = 0
            	fileMode = true
            	bare = true
            	logAllRefUpdates = false
            	bigFileThreshold = 64m
            	protectHFS = true
            	protectNTFS = true
            	hooksPath = {Quote(hooks)}
            	{sync}
            [pack]
            	windowMemory = 128m
            [gc]
            	auto = 0
            [maintenance]
            	auto = false
            [transfer]
            	fsckObjects = true
            	unpackLimit = 1
            [receive]
            	fsckObjects = true
            	unpackLimit = 1
            	denyDeletes = true
            	denyNonFastForwards = false
            	autogc = false
            	keepAlive = 5
            	maxInputSize = {maxPushBytes}
            	advertisePushOptions = false
            	shallowUpdate = false
            	updateServerInfo = false
            [receive "fsck"]
            	badTimezone = ignore
            	missingSpaceBeforeDate = ignore
            	zeroPaddedFilemode = ignore
            [uploadpack]
            	keepAlive = 5
            [http]
            	receivepack = true
            	uploadpack = true
            [protocol]
            	allow = never
            [submodule]
            	recurse = false
            [fetch]
            	recurseSubmodules = false
            [tar]
            	umask = 0022

            """).ReplaceLineEndings("\n");
    }

    /// <summary>Writes what is missing or differs, durably.</summary>
    public static void Write(string repository, string configuration)
    {
        WriteIfDifferent(Path.Combine(repository, "config"), configuration);
        var info = Path.Combine(repository, "info");
        Directory.CreateDirectory(info);
        WriteIfDifferent(Path.Combine(info, "attributes"), Attributes);
    }

    /// <summary>Makes a new repository durable, all of it.</summary>
    public static void Sync(string repository)
    {
        foreach (var file in Directory.EnumerateFiles(repository, "*", SearchOption.AllDirectories))
        {
            SyncFile(file);
        }

        foreach (var directory in Directory.EnumerateDirectories(repository, "*", SearchOption.AllDirectories))
        {
            Posix.SyncDirectory(directory);
        }

        Posix.SyncDirectory(repository);
    }

    /// <summary>Makes a file's content durable; reading rights are enough.</summary>
    public static void SyncFile(string path)
    {
        using var file = Posix.Open(path, Posix.ReadOnly | Posix.NoFollow);
        RandomAccess.FlushToDisk(file);
    }

    private static void WriteIfDifferent(string path, string text)
    {
        if (!File.Exists(path) || File.ReadAllText(path) != text)
        {
            DurableFile.Write(path, Encoding.UTF8.GetBytes(text));
        }
    }

    private static string Quote(string path) =>
        '"' + path.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal) + '"';
}
