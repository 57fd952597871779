using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Hosting;

/// <summary>Which user ids a host gives its apps: the same block every time for one data directory, another for another.</summary>
internal static class UserIdBlock
{
    private const int Size = 100_000;

    // The unassigned range ends below 2,147,352,576.
    private const int Blocks = 2_400;

    public static int Of(string dataDirectory)
    {
        var digest = SHA256.HashData(Encoding.UTF8.GetBytes(Path.TrimEndingDirectorySeparator(Path.GetFullPath(dataDirectory))));
        return Catalog.FirstUserId + (int)(BinaryPrimitives.ReadUInt32LittleEndian(digest) % Blocks * Size);
    }
}
