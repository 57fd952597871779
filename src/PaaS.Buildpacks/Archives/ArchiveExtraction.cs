using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>
/// Unpacks one archive into one fresh directory. Every name of every path is opened relative to its parent without following
/// links, so nothing is ever written elsewhere, whatever the archive says.
/// </summary>
internal sealed class ArchiveExtraction : IDisposable
{
    private readonly TreeDirectory _root;
    private readonly SourceLimits _limits;
    private readonly int? _userId;
    private readonly List<(string Name, TreeDirectory Directory)> _open = [];
    private readonly byte[] _buffer = new byte[64 * 1024];
    private int _entries;
    private long _linked;

    /// <summary>Prepares to unpack.</summary>
    /// <param name="root">An empty directory that nobody else can reach.</param>
    /// <param name="limits">How much may be unpacked.</param>
    /// <param name="userId">Who is to own what is unpacked; the root itself is left alone.</param>
    public ArchiveExtraction(TreeDirectory root, SourceLimits limits, int? userId)
    {
        _root = root;
        _limits = limits;
        _userId = userId;
    }

    /// <summary>Unpacks all of a tar archive that <paramref name="select"/> maps to a path.</summary>
    /// <param name="source">The archive, plain or compressed.</param>
    /// <param name="select">Where an entry goes, by its path in the archive; null leaves it out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public ValueTask RunAsync(Stream source, Func<string[], string[]?> select, CancellationToken cancellationToken) =>
        RunAsync(async limit => await TarStreamReader.OpenAsync(source, limit, cancellationToken).ConfigureAwait(false), select, cancellationToken);

    /// <summary>Unpacks all of an archive that <paramref name="select"/> maps to a path.</summary>
    /// <param name="open">Begins to read it, up to a number of bytes.</param>
    /// <param name="select">Where an entry goes, by its path in the archive; null leaves it out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask RunAsync(Func<long, ValueTask<IArchiveReader>> open, Func<string[], string[]?> select, CancellationToken cancellationToken)
    {
        try
        {
            var reader = await open(_limits.TotalBytes).ConfigureAwait(false);
            await using (reader.ConfigureAwait(false))
            {
                while (await reader.NextAsync(cancellationToken).ConfigureAwait(false) is { } entry)
                {
                    Count();
                    if (select(ArchivePath.Parse(entry.Name, _limits)) is { Length: > 0 } path)
                    {
                        await ExtractAsync(reader, entry, path, select, cancellationToken).ConfigureAwait(false);
                    }
                }
            }
        }
        catch (ArchiveFormatException e)
        {
            throw new SourceRejectedException($"{e.Message} Make the archive again and send it whole.", e);
        }
        catch (ArchiveTooLargeException e)
        {
            throw new SourceRejectedException($"The archive unpacks to more than {e.Limit:N0} bytes. Leave out what the app does not need (.slugignore works only after unpacking).", e);
        }
    }

    public void Dispose()
    {
        foreach (var (_, directory) in _open)
        {
            directory.Dispose();
        }
    }

    private async ValueTask ExtractAsync(IArchiveReader reader, ArchiveEntry entry, string[] path, Func<string[], string[]?> select, CancellationToken cancellationToken)
    {
        var parent = OpenParent(path, entry);
        var name = TreeName.Of(path[^1]);
        switch (entry.Kind)
        {
            case ArchiveEntryKind.Directory:
                MakeDirectory(parent, name, entry);
                break;
            case ArchiveEntryKind.SymbolicLink:
                if (entry.LinkTarget.Length is 0 or >= 4096 || entry.LinkTarget.Contains((byte)0))
                {
                    throw ArchivePath.Rejected(entry.Name, "it is a symbolic link whose target is empty, too long or contains a NUL character. Make the link again.");
                }

                ThrowIfTaken(parent, name, entry);
                parent.CreateLink(name, entry.LinkTarget);
                Own(parent, name);
                break;
            case ArchiveEntryKind.File:
                ThrowIfTaken(parent, name, entry);
                using (var file = parent.CreateFile(name, IsExecutable(entry)))
                {
                    await CopyAsync(reader, file, cancellationToken).ConfigureAwait(false);
                }

                Own(parent, name);
                break;
            case ArchiveEntryKind.HardLink:
                ThrowIfTaken(parent, name, entry);
                CopyLinked(parent, name, entry, select);
                Own(parent, name);
                break;
            case ArchiveEntryKind.Special:
                throw ArchivePath.Rejected(entry.Name, "it is a device or a FIFO. Only files, directories and links can be deployed; remove it.");
            default:
                throw ArchivePath.Rejected(entry.Name, $"it is of kind '{TreeName.Shown(entry.TypeFlag.ToString())}', which is not read here. Pack with plain 'tar' in the pax or ustar format, without --sparse.");
        }
    }

    private static bool IsExecutable(ArchiveEntry entry) => (entry.Mode & 0b001_000_000) != 0;

    private async ValueTask CopyAsync(IArchiveReader reader, SafeFileHandle file, CancellationToken cancellationToken)
    {
        long offset = 0;
        int read;
        while ((read = await reader.ReadAsync(_buffer, cancellationToken).ConfigureAwait(false)) > 0)
        {
            RandomAccess.Write(file, _buffer.AsSpan(0, read), offset);
            offset += read;
        }
    }

    /// <summary>A hard link becomes a copy: what is unpacked never shares content, inside or outside.</summary>
    private void CopyLinked(TreeDirectory parent, TreeName name, ArchiveEntry entry, Func<string[], string[]?> select)
    {
        // All that stands below the root came from this archive, and no link is followed: what is a file there is one that came before.
        var target = select(ArchivePath.Parse(entry.LinkTarget, _limits)) ?? throw NoSuchTarget(entry);
        if (target.Length == 0)
        {
            throw NoSuchTarget(entry);
        }

        var directories = new List<TreeDirectory>();
        try
        {
            var directory = _root;
            foreach (var part in target[..^1])
            {
                if (directory.Find(TreeName.Of(part)) is not { Kind: TreeEntryKind.Directory })
                {
                    throw NoSuchTarget(entry);
                }

                directories.Add(directory = directory.OpenDirectory(TreeName.Of(part)));
            }

            var last = TreeName.Of(target[^1]);
            if (directory.Find(last) is not { Kind: TreeEntryKind.File })
            {
                throw NoSuchTarget(entry);
            }

            using var from = directory.OpenFile(last, out var original);
            if ((_linked += original.Size) > _limits.TotalBytes)
            {
                throw new ArchiveTooLargeException(_limits.TotalBytes);
            }

            using var to = parent.CreateFile(name, original.Executable);
            int read;
            for (long offset = 0; (read = RandomAccess.Read(from, _buffer, offset)) > 0; offset += read)
            {
                RandomAccess.Write(to, _buffer.AsSpan(0, read), offset);
            }
        }
        finally
        {
            directories.ForEach(static d => d.Dispose());
        }
    }

    private static SourceRejectedException NoSuchTarget(ArchiveEntry entry) =>
        ArchivePath.Rejected(entry.Name, $"it is a hard link to '{TreeName.Of(entry.LinkTarget)}', which is no file that came before it in the archive. Pack with 'tar --hard-dereference'.");

    /// <summary>Opens what stands above an entry, making what is missing. Directories stay open for the entries that follow.</summary>
    private TreeDirectory OpenParent(string[] path, ArchiveEntry entry)
    {
        var shared = 0;
        while (shared < _open.Count && shared < path.Length - 1 && _open[shared].Name == path[shared])
        {
            shared++;
        }

        for (var i = _open.Count - 1; i >= shared; i--)
        {
            _open[i].Directory.Dispose();
            _open.RemoveAt(i);
        }

        var directory = shared > 0 ? _open[^1].Directory : _root;
        for (var i = shared; i < path.Length - 1; i++)
        {
            var name = TreeName.Of(path[i]);
            if (directory.Find(name) is null)
            {
                Count();
            }

            MakeDirectory(directory, name, entry);
            directory = directory.OpenDirectory(name);
            _open.Add((path[i], directory));
        }

        return directory;
    }

    private void MakeDirectory(TreeDirectory parent, TreeName name, ArchiveEntry entry)
    {
        switch (parent.Find(name)?.Kind)
        {
            case null:
                parent.CreateDirectory(name);
                Own(parent, name);
                break;
            case TreeEntryKind.Directory:
                break;
            case TreeEntryKind.SymbolicLink:
                throw ArchivePath.Rejected(entry.Name, $"'{name}' in its path is a symbolic link in the same archive, and nothing is written through links. Remove the link or what stands below it.");
            default:
                throw ArchivePath.Rejected(entry.Name, $"'{name}' in its path is a file in the same archive. Remove one of the two.");
        }
    }

    private static void ThrowIfTaken(TreeDirectory parent, TreeName name, ArchiveEntry entry)
    {
        if (parent.Find(name) is not null)
        {
            throw ArchivePath.Rejected(entry.Name, "the archive has two entries of this name. Make the archive anew instead of appending to it.");
        }
    }

    private void Count()
    {
        if (++_entries > _limits.Entries)
        {
            throw new SourceRejectedException($"The archive has more than {_limits.Entries:N0} entries. Leave out what the app does not need, such as node_modules.");
        }
    }

    private void Own(TreeDirectory parent, TreeName name)
    {
        if (_userId is { } userId)
        {
            parent.ChangeOwner(name, userId);
        }
    }
}
