using System.Formats.Tar;
using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Buildpacks;

namespace PaaS.Properties;

public sealed class SlugArchiveLaws : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-laws-").FullName;
    private int _made;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void Another_tree_has_another_digest() =>
        Law.Holds(Trees.Any, Trees.Any, (one, other) =>
        {
            var (left, right) = (Make(one), Make(other));
            return Trees.Read(left) == Trees.Read(right) == (Digest(left) == Digest(right));
        });

    [Fact]
    public void A_source_that_another_tool_packed_is_unpacked_as_the_same_tree() =>
        Law.Holds(Trees.Any, Gen.Elements(TarEntryFormat.Pax, TarEntryFormat.Gnu), (nodes, format) =>
        {
            // Of an empty tree that tool makes no archive at all.
            var tree = Make([.. nodes, new TreeNode("last", "", null, false)]);
            using var tar = new MemoryStream();
            using (var writer = new TarWriter(tar, format, leaveOpen: true))
            {
                foreach (var entry in Trees.Entries(new DirectoryInfo(tree)))
                {
                    writer.WriteEntry(entry.FullName, Path.GetRelativePath(tree, entry.FullName));
                }
            }

            tar.Position = 0;
            var back = Fresh();
            AwaitNothing(SourceArchive.ExtractAsync(tar, back));
            return Trees.Read(tree) == Trees.Read(back);
        });

    [Fact]
    public void An_archive_cut_off_anywhere_is_refused_and_leaves_nothing() =>
        Law.Holds(Trees.Any, Gen.Choose(1, 1000), (nodes, permille) =>
        {
            using var plain = new MemoryStream();
            using (var gzip = new System.IO.Compression.GZipStream(new MemoryStream(Pack(Make(nodes))), System.IO.Compression.CompressionMode.Decompress))
            {
                gzip.CopyTo(plain);
            }

            // The last 1,024 bytes are the end mark.
            var content = plain.ToArray()[..^1024];
            var back = Fresh();
            try
            {
                AwaitNothing(SourceArchive.ExtractAsync(new MemoryStream(content[..(int)((long)content.Length * permille / 1000)]), back));
                return false;
            }
            catch (SourceRejectedException)
            {
                return !Directory.Exists(back);
            }
        });

    private string Fresh() => Path.Combine(_directory, $"{_made++}");

    private string Make(IEnumerable<TreeNode> nodes)
    {
        var tree = Fresh();
        Trees.Write(tree, nodes);
        return tree;
    }

    private static byte[] Pack(string tree)
    {
        using var bytes = new MemoryStream();
        Await(SlugArchive.WriteAsync(tree, bytes));
        return bytes.ToArray();
    }

    private static string Digest(string tree) => Convert.ToHexString(SHA256.HashData(Pack(tree)));

    private static T Await<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private static void AwaitNothing(ValueTask task) => task.AsTask().GetAwaiter().GetResult();
}
