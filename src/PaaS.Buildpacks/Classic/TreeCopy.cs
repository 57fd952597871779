using System.Globalization;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// Copies a directory of the machine for a build, and says what its bytes are. Links are copied as links; sockets, FIFOs and devices are left out.
/// </summary>
internal sealed class TreeCopy : IDisposable
{
    private const int MaxEntries = 100_000;
    private const int MaxDepth = 100;
    private readonly IncrementalHash _digest = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[64 * 1024];
    private readonly int? _userId;
    private long _left;
    private int _entries;

    private TreeCopy(int? userId, long maxBytes) => (_userId, _left) = (userId, maxBytes);

    /// <summary>Copies all below a directory.</summary>
    /// <param name="from">The directory.</param>
    /// <param name="to">An empty directory.</param>
    /// <param name="userId">Who is to own the copies; the directory itself is left alone.</param>
    /// <param name="maxBytes">How much the files may have together.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>SHA-256 over names, kinds, executable bits and contents, in hexadecimal.</returns>
    /// <exception cref="InvalidDataException">It is too large.</exception>
    public static string Run(TreeDirectory from, TreeDirectory to, int? userId, long maxBytes, CancellationToken cancellationToken)
    {
        using var copy = new TreeCopy(userId, maxBytes);
        copy.Copy(from, to, 0, cancellationToken);
        return Convert.ToHexStringLower(copy._digest.GetHashAndReset());
    }

    public void Dispose() => _digest.Dispose();

    private void Copy(TreeDirectory from, TreeDirectory to, int depth, CancellationToken cancellationToken)
    {
        if (depth > MaxDepth)
        {
            throw new InvalidDataException($"it is more than {MaxDepth} directories deep");
        }

        var names = from.List(MaxEntries + 1);
        names.Sort(static (a, b) => a.Bytes.SequenceCompareTo(b.Bytes));
        foreach (var name in names)
        {
            cancellationToken.ThrowIfCancellationRequested();
            if (++_entries > MaxEntries)
            {
                throw new InvalidDataException($"it has more than {MaxEntries:N0} entries");
            }

            switch (from.Find(name))
            {
                case { Kind: TreeEntryKind.Directory }:
                    Note('d', name, []);
                    to.CreateDirectory(name);
                    using (var inner = from.OpenDirectory(name))
                    using (var made = to.OpenDirectory(name))
                    {
                        Copy(inner, made, depth + 1, cancellationToken);
                    }

                    Note('u', name, []);
                    break;
                case { Kind: TreeEntryKind.SymbolicLink }:
                    var target = from.ReadLink(name);
                    Note('l', name, target);
                    to.CreateLink(name, target);
                    break;
                case { Kind: TreeEntryKind.File }:
                    CopyFile(from, to, name);
                    break;
                default:
                    continue;
            }

            if (_userId is { } user)
            {
                to.ChangeOwner(name, user);
            }
        }
    }

    private void CopyFile(TreeDirectory from, TreeDirectory to, TreeName name)
    {
        using var source = from.OpenFile(name, out var entry);
        using var target = to.CreateFile(name, entry.Executable);
        using var content = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        int read;
        for (long offset = 0; (read = RandomAccess.Read(source, _buffer, offset)) > 0; offset += read)
        {
            if ((_left -= read) < 0)
            {
                throw new InvalidDataException("it is too large");
            }

            content.AppendData(_buffer, 0, read);
            RandomAccess.Write(target, _buffer.AsSpan(0, read), offset);
        }

        Note(entry.Executable ? 'x' : 'f', name, content.GetHashAndReset());
    }

    private void Note(char kind, TreeName name, ReadOnlySpan<byte> content)
    {
        _digest.AppendData(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{kind}{name.Bytes.Length} {content.Length} ")));
        _digest.AppendData(name.Bytes);
        _digest.AppendData(content);
    }
}
