using System.Security.Cryptography;
using FsCheck;
using FsCheck.Fluent;
using PaaS.Buildpacks;

namespace PaaS.Properties;

/// <summary>However a slug is packed, its bytes are those of the tree: caches, processors and limits change nothing.</summary>
public sealed class SlugBlockLaws : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-laws-").FullName;
    private int _made;

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    [Fact]
    public void A_block_cache_never_changes_the_digest() =>
        Law.Holds(History, steps =>
        {
            var (tree, blocks) = (Fresh(), Fresh());
            Directory.CreateDirectory(tree);
            foreach (var step in steps)
            {
                Edit(tree, step);
                Damage(blocks, step);
                var cached = Pack(tree, new SlugArchiveOptions { CacheDirectory = blocks, CacheBytes = step.CacheBytes, Format = step.Format, Processors = step.Processors });
                if (cached.Digest != Pack(tree, new SlugArchiveOptions { Format = step.Format, Processors = 1 }).Digest || (step.CacheBytes > 0 && Held(blocks) > step.CacheBytes))
                {
                    return false;
                }
            }

            return true;
        });

    [Fact]
    public void What_is_packed_again_comes_out_of_the_cache() =>
        Law.Holds(Step.ListOf().Resize(6), steps =>
        {
            var (tree, blocks) = (Fresh(), Fresh());
            Directory.CreateDirectory(tree);
            foreach (var step in steps)
            {
                Edit(tree, step);
            }

            var options = new SlugArchiveOptions { CacheDirectory = blocks };
            var first = Pack(tree, options);
            var second = Pack(tree, options);
            return second.Result.CachedBlocks == second.Result.Blocks && second.Digest == first.Digest && first.Result.CacheProblem is null;
        });

    [Fact]
    public void The_digest_is_that_of_the_tree_whatever_the_order_it_was_made_in_the_times_and_the_owners() =>
        Law.Holds(Trees.Any, Gen.Choose(0, int.MaxValue), (nodes, seed) =>
        {
            var (one, other) = (Fresh(), Fresh());
            Trees.Write(one, nodes);
            Trees.Write(other, nodes.Reverse());
            var random = new System.Random(seed);
            foreach (var entry in Trees.Entries(new DirectoryInfo(other)).Where(static e => e.LinkTarget is null))
            {
                entry.LastWriteTimeUtc = DateTime.UnixEpoch.AddSeconds(random.Next());
                Own(entry.FullName, random.Next(1, 60_000));
            }

            return Pack(one, SlugArchiveOptions.Default).Digest == Pack(other, SlugArchiveOptions.Default).Digest;
        });

    [Fact]
    public void Any_flipped_bit_of_a_stored_slug_is_found() =>
        Law.Holds(Trees.Any, Gen.Choose(0, int.MaxValue), Gen.Choose(0, 7), (nodes, position, bit) =>
        {
            var (tree, stored, back) = (Fresh(), Fresh(), Fresh());
            Trees.Write(tree, nodes);
            using var bytes = new MemoryStream();
            Await(SlugArchive.WriteAsync(tree, bytes));
            bytes.Position = 0;
            var store = new DirectorySlugStore(stored);
            var (id, size) = Await(store.PutAsync(bytes));
            using (var file = new FileStream(Directory.GetFiles(stored).Single(), FileMode.Open))
            {
                file.Position = position % size;
                var value = file.ReadByte();
                file.Position--;
                file.WriteByte((byte)(value ^ (1 << bit)));
            }

            try
            {
                new SlugUnpacker(store).UnpackAsync(id, back).AsTask().GetAwaiter().GetResult();
                return false;
            }
            catch (SlugChecksumException)
            {
                return !Directory.Exists(back);
            }
        });

    [Fact]
    public void What_is_packed_and_unpacked_is_the_same_tree_in_either_format() =>
        Law.Holds(Trees.Any, nodes =>
        {
            var tree = Fresh();
            Trees.Write(tree, nodes);
            var store = new InMemorySlugStore();
            return Enum.GetValues<SlugFormat>().All(format =>
            {
                using var bytes = new MemoryStream();
                Await(SlugArchive.WriteAsync(tree, bytes, new SlugArchiveOptions { Format = format }));
                bytes.Position = 0;
                var back = Fresh();
                new SlugUnpacker(store).UnpackAsync(Await(store.PutAsync(bytes)).Id, back).AsTask().GetAwaiter().GetResult();
                return Trees.Read(back) == Trees.Read(tree);
            });
        });

    /// <summary>What happens to a tree and to the cache's files between two packings.</summary>
    private static Gen<SlugStep> Step =>
        from name in Gen.Choose(0, 40)
        from size in Gen.Frequency((5, Gen.Choose(0, 3000)), (2, Gen.Choose(0, 300_000)), (1, Gen.Choose(1 << 20, 3 << 20)))
        from seed in Gen.Choose(0, 3)
        from remove in Gen.Elements(true, false, false, false)
        from damage in Gen.Choose(0, 12)
        from position in Gen.Choose(0, int.MaxValue)
        from cacheBytes in Gen.Elements(0L, 10_000, 300_000, 1L << 30, 1L << 30)
        from format in Gen.Frequency((4, Gen.Constant(SlugFormat.Gzip)), (1, Gen.Constant(SlugFormat.Zstd)))
        from processors in Gen.Choose(1, 4)
        select new SlugStep(name, size, seed, remove, damage, position, cacheBytes, format, processors);

    private static Gen<IList<SlugStep>> History => Step.ListOf().Resize(5).Select(static steps => (IList<SlugStep>)[.. steps]);

    private static void Edit(string tree, SlugStep step)
    {
        var path = Path.Combine(tree, $"d{step.Name % 5}", $"f{step.Name}");
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        if (step.Remove)
        {
            File.Delete(path);
            return;
        }

        // Few seeds, so that the same content comes back; half of it can be compressed.
        var content = new byte[step.Size];
        new System.Random(step.Seed).NextBytes(content.AsSpan(0, content.Length / 2));
        File.WriteAllBytes(path, content);
    }

    /// <summary>A flipped byte, a cut, an emptied file, two files swapped, one removed, a stranger's file: what disks and crashes do.</summary>
    private static void Damage(string blocks, SlugStep step)
    {
        var files = Directory.Exists(blocks) ? Directory.GetFiles(blocks).Order(StringComparer.Ordinal).ToArray() : [];
        if (files.Length == 0)
        {
            return;
        }

        var file = files[step.Position % files.Length];
        var bytes = File.ReadAllBytes(file);
        switch (step.Damage)
        {
            case 0 or 1 or 2 when bytes.Length > 0:
                bytes[step.Position % bytes.Length] ^= 0x40;
                File.WriteAllBytes(file, bytes);
                break;
            case 3:
                File.WriteAllBytes(file, bytes[..(step.Position % (bytes.Length + 1))]);
                break;
            case 4:
                File.WriteAllBytes(file, new byte[bytes.Length]);
                break;
            case 5:
                File.Copy(file, files[^1] == file ? files[0] + ".copy" : files[^1], overwrite: true);
                break;
            case 6:
                File.Delete(file);
                break;
            case 7:
                File.WriteAllText(Path.Combine(blocks, "000000000099"), "not of the cache");
                File.WriteAllText(Path.Combine(blocks, "half.tmp"), "of a crash");
                break;
            default:
                break;
        }
    }

    private static long Held(string blocks) =>
        Directory.Exists(blocks) ? new DirectoryInfo(blocks).GetFiles().Where(static f => f.Name != "key").Sum(static f => f.Length) : 0;

    private static void Own(string path, int user)
    {
        // Only a host that is root has trees of other owners.
        if (Environment.IsPrivilegedProcess && OperatingSystem.IsLinux())
        {
            using var parent = TreeDirectory.Open(Path.GetDirectoryName(path)!);
            parent.ChangeOwner(TreeName.Of(Path.GetFileName(path)), user);
        }
    }

    private static (string Digest, SlugArchiveResult Result) Pack(string tree, SlugArchiveOptions options)
    {
        using var bytes = new MemoryStream();
        var result = Await(SlugArchive.WriteAsync(tree, bytes, options));
        return (Convert.ToHexString(SHA256.HashData(bytes.GetBuffer().AsSpan(0, (int)bytes.Length))), result);
    }

    private static T Await<T>(ValueTask<T> task) => task.AsTask().GetAwaiter().GetResult();

    private string Fresh() => Path.Combine(_directory, $"{_made++}");

    private sealed record SlugStep(int Name, int Size, int Seed, bool Remove, int Damage, int Position, long CacheBytes, SlugFormat Format, int Processors);
}
