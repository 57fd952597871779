using System.Buffers;
using System.Text.Unicode;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>
/// Goes through a tree in the order of its names and turns it into blocks of tar. The tree may be changed by strangers meanwhile: no
/// link is ever followed, and nothing but regular files is read.
/// </summary>
/// <param name="root">The tree; it is disposed with the walk.</param>
/// <param name="shape">How the blocks are cut.</param>
internal sealed class SlugWalk(TreeDirectory root, BlockShape shape) : IDisposable
{
    private const int EndMark = 2 * TarEntryHeader.Block;
    private const int MostLeftOut = 100;
    private static readonly byte[] RootPath = "./app/"u8.ToArray();
    private readonly Stack<OpenDirectory> _open = new();
    private readonly ArrayBufferWriter<byte> _header = new(4096);
    private byte[] _path = RootPath;
    private SafeFileHandle? _file;
    private long _content;
    private long _length;
    private long _position;
    private int _entries;
    private bool _begun;
    private bool _ended;

    /// <summary>The names of what was left out, at most 100.</summary>
    public List<string> LeftOut { get; } = [];

    /// <summary>How many bytes of tar there have been.</summary>
    public long Written { get; private set; }

    /// <summary>Makes the next block.</summary>
    /// <param name="block">Takes it.</param>
    /// <returns>False if there is none.</returns>
    /// <exception cref="SlugArchiveException">The tree is too large, or a file became shorter.</exception>
    /// <exception cref="TreeException">Something could not be read.</exception>
    public bool Fill(SlugBlock block)
    {
        block.Length = 0;
        while (_position < _length || MoveNext())
        {
            if (_length > shape.Most)
            {
                // In blocks of its own, which end where it ends.
                if (block.Length == 0)
                {
                    Append(block, (int)Math.Min(_length - _position, shape.Most));
                }

                return true;
            }

            if (block.Length + _length > shape.Most)
            {
                return true;
            }

            Append(block, (int)_length);
            if (shape.EndsAfter(block.Length, _path, (int)_length))
            {
                return true;
            }
        }

        if (!_ended && block.Length + EndMark <= shape.Most)
        {
            _ended = true;
            block.Bytes.AsSpan(block.Length, EndMark).Clear();
            block.Length += EndMark;
            Written += EndMark;
        }

        return block.Length > 0;
    }

    public void Dispose()
    {
        _file?.Dispose();
        root.Dispose();
        foreach (var directory in _open)
        {
            directory.Tree.Dispose();
        }
    }

    /// <summary>Adds so many bytes of the current entry: of its header, its content and what fills it up.</summary>
    private void Append(SlugBlock block, int count)
    {
        Written += count;
        while (count > 0)
        {
            var target = block.Bytes.AsSpan(block.Length, count);
            var header = _header.WrittenSpan;
            int taken;
            if (_position < header.Length)
            {
                var part = header[(int)_position..];
                taken = Math.Min(part.Length, count);
                part[..taken].CopyTo(target);
            }
            else if (_position < header.Length + _content)
            {
                var offset = _position - header.Length;
                taken = RandomAccess.Read(_file!, target[..(int)Math.Min(count, _content - offset)], offset);
                if (taken == 0)
                {
                    throw new SlugArchiveException($"'{TreeName.Of(_path)}' became shorter while it was packed. Stop what the build left running.");
                }
            }
            else
            {
                target.Clear();
                taken = count;
            }

            _position += taken;
            block.Length += taken;
            count -= taken;
        }
    }

    /// <summary>Goes on to the next entry. False after the last.</summary>
    private bool MoveNext()
    {
        _file?.Dispose();
        _file = null;
        if (!_begun)
        {
            _begun = true;
            Enter(root, RootPath);
            return true;
        }

        while (_open.TryPeek(out var directory))
        {
            if (directory.Next == directory.Names.Count)
            {
                _open.Pop().Tree.Dispose();
                continue;
            }

            if (++_entries > SlugArchive.MaxEntries || _open.Count > SlugArchive.MaxDepth)
            {
                throw new SlugArchiveException($"The built app has more than {SlugArchive.MaxEntries:N0} files, or directories more than {SlugArchive.MaxDepth} deep. Have the build remove what the app does not need.");
            }

            if (Begin(directory, directory.Names[directory.Next++]))
            {
                return true;
            }
        }

        return false;
    }

    private bool Begin(OpenDirectory directory, TreeName name)
    {
        byte[] path = [.. directory.Path, .. name.Bytes];
        var kind = name.ListedAs ?? directory.Tree.Find(name)?.Kind;
        if (kind == TreeEntryKind.Special || !Utf8.IsValid(name.Bytes))
        {
            if (LeftOut.Count < MostLeftOut)
            {
                LeftOut.Add(TreeName.Of(path.AsSpan(RootPath.Length)).ToString());
            }

            return false;
        }

        try
        {
            switch (kind)
            {
                case TreeEntryKind.Directory:
                    Enter(directory.Tree.OpenDirectory(name), [.. path, (byte)'/']);
                    return true;
                case TreeEntryKind.SymbolicLink:
                    var target = directory.Tree.ReadLink(name);
                    Begin(path, 0);
                    TarEntryHeader.WriteLink(_header, path, target);
                    break;
                case TreeEntryKind.File:
                    _file = directory.Tree.OpenFile(name, out var opened);
                    ThrowIfTooLarge(path, opened.Size);
                    Begin(path, opened.Size);
                    TarEntryHeader.WriteFile(_header, path, opened.Size, opened.Executable);
                    break;
                default:
                    return false;
            }
        }
        catch (TreeException e) when (e.Error == LibC.NotFound)
        {
            // Gone since it was listed.
            return false;
        }

        _length = _header.WrittenCount + _content + TarEntryHeader.PaddingOf(_content);
        return true;
    }

    private void Enter(TreeDirectory tree, byte[] path)
    {
        // On the stack first: it is disposed from there, also when it cannot be listed.
        var directory = new OpenDirectory(tree, path);
        _open.Push(directory);
        directory.Names.AddRange(tree.List(SlugArchive.MaxEntries + 1 - _entries));
        directory.Names.Sort(static (a, b) => a.Bytes.SequenceCompareTo(b.Bytes));
        Begin(path, 0);
        TarEntryHeader.WriteDirectory(_header, path);
        _length = _header.WrittenCount;
    }

    private void Begin(byte[] path, long content)
    {
        _path = path;
        _content = content;
        _position = 0;
        _header.ResetWrittenCount();
    }

    private void ThrowIfTooLarge(byte[] path, long size)
    {
        if (size > SlugArchive.MaxUnpackedBytes || Written + size > SlugArchive.MaxUnpackedBytes)
        {
            throw new SlugArchiveException($"The built app has more than {SlugArchive.MaxUnpackedBytes:N0} bytes; '{TreeName.Of(path)}' is one file too many. Have the build remove what the app does not need.");
        }
    }

    private sealed class OpenDirectory(TreeDirectory tree, byte[] path)
    {
        public TreeDirectory Tree => tree;

        public byte[] Path => path;

        public List<TreeName> Names { get; } = [];

        public int Next { get; set; }
    }
}
