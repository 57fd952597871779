using System.IO.Compression;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>
/// Packs a built app: a tar.gz with everything below <c>./app/</c>. The bytes depend on names, contents, link targets and the
/// executable bit alone, so the same tree has the same digest whoever built it, when and in which order. Sockets, FIFOs and devices
/// are left out. The tree may be changed by strangers meanwhile: no link is ever followed.
/// </summary>
public static class SlugArchive
{
    /// <summary>The largest tree that is packed, before compression: 4 GiB.</summary>
    public const long MaxUnpackedBytes = 4L << 30;

    /// <summary>The most files, directories and links: 1,000,000.</summary>
    public const int MaxEntries = 1_000_000;

    /// <summary>How many names a path may have: 256.</summary>
    public const int MaxDepth = 256;

    /// <summary>What unpacking accepts: whatever packing makes.</summary>
    internal static SourceLimits Limits { get; } = new() { TotalBytes = MaxUnpackedBytes + (MaxEntries * 8192L), Entries = MaxEntries + 2, Depth = MaxDepth + 1, PathLength = 8192 };

    /// <summary>Packs a directory.</summary>
    /// <param name="directory">The app's root.</param>
    /// <param name="destination">Where the archive goes; it stays open.</param>
    /// <param name="maxBytes">The largest archive. Heroku: 500 MB.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>The names of what was left out, at most 100: sockets, FIFOs, devices and names that are not UTF-8.</returns>
    /// <exception cref="SlugArchiveException">The tree is too large, or was changed while it was read.</exception>
    public static async ValueTask<IReadOnlyList<string>> WriteAsync(
        string directory, Stream destination, long maxBytes = long.MaxValue, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(directory);
        ArgumentNullException.ThrowIfNull(destination);
        var limited = new LimitedStream(destination, maxBytes);
        await using (limited.ConfigureAwait(false))
        {
            var gzip = new GZipStream(limited, CompressionLevel.Optimal, leaveOpen: true);
            await using (gzip.ConfigureAwait(false))
            {
                var walk = new Walk(new TarStreamWriter(gzip));
                using var root = TreeDirectory.Open(directory);
                try
                {
                    await walk.RunAsync(root, cancellationToken).ConfigureAwait(false);
                }
                catch (TreeException e)
                {
                    throw new SlugArchiveException($"The app's directory was changed while it was packed: {e.Message} Stop what the build left running.", e);
                }

                return walk.LeftOut;
            }
        }
    }

    private sealed class Walk(TarStreamWriter tar)
    {
        private readonly byte[] _buffer = new byte[64 * 1024];
        private int _entries;

        public List<string> LeftOut { get; } = [];

        public async ValueTask RunAsync(TreeDirectory root, CancellationToken cancellationToken)
        {
            await AddDirectoryAsync(root, "./app/"u8.ToArray(), 0, cancellationToken).ConfigureAwait(false);
            await tar.FinishAsync(cancellationToken).ConfigureAwait(false);
        }

        private async ValueTask AddDirectoryAsync(TreeDirectory directory, byte[] path, int depth, CancellationToken cancellationToken)
        {
            await tar.WriteDirectoryAsync(path, cancellationToken).ConfigureAwait(false);
            var names = directory.List(MaxEntries + 1 - _entries);
            names.Sort(static (a, b) => a.Bytes.SequenceCompareTo(b.Bytes));
            foreach (var name in names)
            {
                if (++_entries > MaxEntries || depth == MaxDepth)
                {
                    throw new SlugArchiveException($"The built app has more than {MaxEntries:N0} files, or directories more than {MaxDepth} deep. Have the build remove what the app does not need.");
                }

                byte[] below = [.. path, .. name.Bytes];
                var entry = directory.Find(name);
                if (entry is { Kind: TreeEntryKind.Special } || name.Text is null)
                {
                    Skip(below);
                    continue;
                }

                switch (entry?.Kind)
                {
                    case TreeEntryKind.Directory:
                        using (var inner = directory.OpenDirectory(name))
                        {
                            await AddDirectoryAsync(inner, [.. below, (byte)'/'], depth + 1, cancellationToken).ConfigureAwait(false);
                        }

                        break;
                    case TreeEntryKind.SymbolicLink:
                        await tar.WriteLinkAsync(below, directory.ReadLink(name), cancellationToken).ConfigureAwait(false);
                        break;
                    case TreeEntryKind.File:
                        using (var file = directory.OpenFile(name, out var opened))
                        {
                            await AddFileAsync(file, below, opened, cancellationToken).ConfigureAwait(false);
                        }

                        break;
                    default:
                        // Gone since it was listed.
                        break;
                }
            }
        }

        private async ValueTask AddFileAsync(SafeFileHandle file, byte[] path, TreeEntry entry, CancellationToken cancellationToken)
        {
            if (entry.Size > MaxUnpackedBytes || tar.Written + entry.Size > MaxUnpackedBytes)
            {
                throw new SlugArchiveException($"The built app has more than {MaxUnpackedBytes:N0} bytes; '{TreeName.Of(path)}' is one file too many. Have the build remove what the app does not need.");
            }

            await tar.WriteFileHeaderAsync(path, entry.Size, entry.Executable, cancellationToken).ConfigureAwait(false);
            for (long offset = 0; offset < entry.Size;)
            {
                var wanted = (int)Math.Min(_buffer.Length, entry.Size - offset);
                var read = RandomAccess.Read(file, _buffer.AsSpan(0, wanted), offset);
                if (read == 0)
                {
                    throw new SlugArchiveException($"'{TreeName.Of(path)}' became shorter while it was packed. Stop what the build left running.");
                }

                await tar.WriteAsync(_buffer.AsMemory(0, read), cancellationToken).ConfigureAwait(false);
                offset += read;
            }

            await tar.PadAsync(cancellationToken).ConfigureAwait(false);
        }

        private void Skip(byte[] path)
        {
            if (LeftOut.Count < 100)
            {
                LeftOut.Add(TreeName.Of(path.AsSpan("./app/".Length)).ToString());
            }
        }
    }
}
