using System.Buffers.Binary;
using System.Security.Cryptography;

namespace PaaS.Buildpacks;

/// <summary>What a source holds, as one number: names, kinds, executable bits, contents and targets of links; no times, no owners.</summary>
internal sealed class SourceDigest : IDisposable
{
    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private readonly byte[] _buffer = new byte[128 * 1024];
    private readonly CancellationToken _cancellationToken;

    private SourceDigest(CancellationToken cancellationToken) => _cancellationToken = cancellationToken;

    /// <summary>Reads a tree that nobody changes meanwhile.</summary>
    /// <param name="directory">Its root.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>64 hex digits.</returns>
    public static string Of(string directory, CancellationToken cancellationToken)
    {
        using var digest = new SourceDigest(cancellationToken);
        using var root = TreeDirectory.Open(directory);
        digest.Add(root);
        return Convert.ToHexStringLower(digest._hash.GetHashAndReset());
    }

    public void Dispose() => _hash.Dispose();

    private void Add(TreeDirectory directory)
    {
        _cancellationToken.ThrowIfCancellationRequested();
        var names = directory.List(int.MaxValue);
        names.Sort(static (a, b) => a.Bytes.SequenceCompareTo(b.Bytes));
        foreach (var name in names)
        {
            switch (directory.Find(name))
            {
                case { Kind: TreeEntryKind.File }:
                    AddFile(directory, name);
                    break;
                case { Kind: TreeEntryKind.Directory }:
                    AddHead('d', name.Bytes);
                    using (var inner = directory.OpenDirectory(name))
                    {
                        Add(inner);
                    }

                    AddHead('.', []);
                    break;
                case { Kind: TreeEntryKind.SymbolicLink }:
                    AddHead('l', name.Bytes);
                    AddHead('t', directory.ReadLink(name));
                    break;
                default:
                    break;
            }
        }
    }

    private void AddFile(TreeDirectory directory, TreeName name)
    {
        using var file = directory.OpenFile(name, out var entry);
        AddHead(entry.Executable ? 'x' : 'f', name.Bytes);
        AddNumber(entry.Size);
        int read;
        for (long offset = 0; offset < entry.Size && (read = RandomAccess.Read(file, _buffer, offset)) > 0; offset += read)
        {
            _cancellationToken.ThrowIfCancellationRequested();
            _hash.AppendData(_buffer, 0, read);
        }
    }

    /// <summary>Each text goes with its length: no two trees read the same.</summary>
    private void AddHead(char kind, ReadOnlySpan<byte> text)
    {
        AddNumber(kind);
        AddNumber(text.Length);
        _hash.AppendData(text);
    }

    private void AddNumber(long number)
    {
        Span<byte> bytes = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(bytes, number);
        _hash.AppendData(bytes);
    }
}
