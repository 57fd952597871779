using System.Runtime.InteropServices;

namespace PaaS.Hosting;

/// <summary>
/// The objects of a push before its verdict: git keeps them apart and deletes them after a refusal. Keeping them means a
/// second name for each file in the repository's own store; git's own move then finds them there, which it takes as done.
/// </summary>
internal static partial class QuarantinedObjects
{
    public const string CopySuffix = ".copying";
    private const int Exists = 17;

    // Packs become visible by their index, which therefore comes last.
    private static readonly string[] s_packOrder = [".pack", ".rev", ".bitmap", ".idx"];

    /// <summary>Puts all objects into the store, durably.</summary>
    /// <param name="objects">The repository's <c>objects</c>.</param>
    /// <param name="quarantine">The quarantine's directory.</param>
    /// <exception cref="GitException">The quarantine is gone: its push has ended.</exception>
    public static void Keep(string objects, string quarantine)
    {
        try
        {
            var touched = new HashSet<string>(StringComparer.Ordinal);
            foreach (var directory in Directory.EnumerateDirectories(quarantine))
            {
                var name = Path.GetFileName(directory);
                var files = name == "pack" ? Packs(directory) : IsFanOut(name) ? Directory.EnumerateFiles(directory) : [];
                foreach (var file in files)
                {
                    var target = Path.Combine(objects, name);
                    Directory.CreateDirectory(target);
                    KeepFile(file, Path.Combine(target, Path.GetFileName(file)));
                    touched.Add(target);
                }
            }

            foreach (var directory in touched)
            {
                Posix.SyncDirectory(directory);
            }

            Posix.SyncDirectory(objects);
        }
        catch (DirectoryNotFoundException exception)
        {
            throw new GitException("The objects of the push are gone: git ended before the platform's verdict.", exception);
        }
    }

    private static IEnumerable<string> Packs(string directory) =>
        from suffix in s_packOrder
        from file in Directory.EnumerateFiles(directory, "*" + suffix)
        select file;

    private static bool IsFanOut(string name) => name.Length == 2 && name.All(char.IsAsciiHexDigitLower);

    private static void KeepFile(string file, string target)
    {
        GitRepositoryFiles.SyncFile(file);
        if (Link(file, target) == 0 || Marshal.GetLastPInvokeError() == Exists)
        {
            return;
        }

        // A file system without hard links.
        var copy = target + CopySuffix;
        File.Copy(file, copy, overwrite: true);
        GitRepositoryFiles.SyncFile(copy);
        File.Move(copy, target, overwrite: true);
    }

    [LibraryImport("libc", EntryPoint = "link", SetLastError = true, StringMarshalling = StringMarshalling.Utf8)]
    private static partial int Link(string from, string to);
}
