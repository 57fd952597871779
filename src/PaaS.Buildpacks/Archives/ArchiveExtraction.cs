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
    private readonly HashSet<string> _files = new(StringComparer.Ordinal);
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

    /// <summary>Unpacks all that <paramref name="select"/> maps to a path.</summary>
    /// <param name="source">A tar archive, plain or gzip.</param>
    /// <param name="select">Where an entry goes, by its path in the archive; null leaves it out.</param>
    /// <param name="cancellationToken">Gives up.</param>
    public async ValueTask RunAsync(Stream source, Func<string[], string[]?> select, CancellationToken cancellationToken)
    {
        try
        {
            var reader = await TarStreamReader.OpenAsync(source, _limits.TotalBytes, cancellationToken).ConfigureAwait(false);
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
        catch (TarFormatException e)
        {
            throw new SourceRejectedException($"{e.Message} Make the archive again and send it whole.", e);
        }
        catch (TarTooLargeException e)
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

    private async ValueTask ExtractAsync(TarStreamReader reader, TarEntry entry, string[] path, Func<string[], string[]?> select, CancellationToken cancellationToken)
    {
        var parent = OpenParent(path, entry);
        var name = TreeName.Of(path[^1]);
        switch (entry.Kind)
        {
            case TarEntryKind.Directory:
                MakeDirectory(parent, name, entry);
                break;
            case TarEntryKind.SymbolicLink:
                if (entry.LinkTarget.Length is 0 or >= 4096 || entry.LinkTarget.Contains((byte)0))
                {
                    throw ArchivePath.Rejected(entry.Name, "it is a symbolic link whose target is empty, too long or contains a NUL character. Make the link again.");
                }

                ThrowIfTaken(parent, name, entry);
                parent.CreateLink(name, entry.LinkTarget);
                Own(parent, name);
                break;
            case TarEntryKind.File:
                ThrowIfTaken(parent, name, entry);
                using (var file = parent.CreateFile(name, IsExecutable(entry)))
                {
                    await CopyAsync(reader, file, cancellationToken).ConfigureAwait(false);
                }

                _files.Add(string.Join('/', path));
                Own(parent, name);
                break;
            case TarEntryKind.HardLink:
                ThrowIfTaken(parent, name, entry);
                CopyLinked(parent, name, entry, select);
                _files.Add(string.Join('/', path));
                Own(parent, name);
                break;
            case TarEntryKind.Special:
                throw ArchivePath.Rejected(entry.Name, "it is a device or a FIFO. Only files, directories and links can be deployed; remove it.");
            default:
                throw ArchivePath.Rejected(entry.Name, $"it is of kind '{TreeName.Shown(entry.TypeFlag.ToString())}', which is not read here. Pack with plain 'tar' in the pax or ustar format, without --sparse.");
        }
    }

    private static bool IsExecutable(TarEntry entry) => (entry.Mode & 0b001_000_000) != 0;

    private async ValueTask CopyAsync(TarStreamReader reader, SafeFileHandle file, CancellationToken cancellationToken)
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
    private void CopyLinked(TreeDirectory parent, TreeName name, TarEntry entry, Func<string[], string[]?> select)
    {
        var target = select(ArchivePath.Parse(entry.LinkTarget, _limits));
        if (target is null || !_files.Contains(string.Join('/', target)))
        {
            throw ArchivePath.Rejected(entry.Name, $"it is a hard link to '{TreeName.Of(entry.LinkTarget)}', which is no file that came before it in the archive. Pack with 'tar --hard-dereference'.");
        }

        var directories = new List<TreeDirectory>();
        try
        {
            var directory = _root;
            foreach (var part in target[..^1])
            {
                directories.Add(directory = directory.OpenDirectory(TreeName.Of(part)));
            }

            using var from = directory.OpenFile(TreeName.Of(target[^1]), out var original);
            if ((_linked += original.Size) > _limits.TotalBytes)
            {
                throw new TarTooLargeException(_limits.TotalBytes);
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

    /// <summary>Opens what stands above an entry, making what is missing. Directories stay open for the entries that follow.</summary>
    private TreeDirectory OpenParent(string[] path, TarEntry entry)
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

    private void MakeDirectory(TreeDirectory parent, TreeName name, TarEntry entry)
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

    private static void ThrowIfTaken(TreeDirectory parent, TreeName name, TarEntry entry)
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
