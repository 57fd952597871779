using System.Globalization;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>What the extension headers before an entry say about it.</summary>
internal sealed class TarExtension
{
    public byte[]? Name { get; private set; }

    public byte[]? LinkTarget { get; private set; }

    public long? Size { get; private set; }

    public bool IsSparse { get; private set; }

    /// <summary>Takes in the content of an extension header.</summary>
    /// <param name="typeFlag">x for pax, L and K for GNU's long names.</param>
    /// <param name="data">Its content.</param>
    /// <exception cref="ArchiveFormatException">It is damaged.</exception>
    public void Add(char typeFlag, byte[] data)
    {
        switch (typeFlag)
        {
            case 'x':
                AddRecords(data);
                break;
            case 'L':
                Name = data.AsSpan().TrimEnd((byte)0).ToArray();
                break;
            case 'K':
                LinkTarget = data.AsSpan().TrimEnd((byte)0).ToArray();
                break;
            default:
                break;
        }
    }

    /// <summary>Records are <c>LENGTH KEY=VALUE\n</c>; the length counts itself.</summary>
    private void AddRecords(ReadOnlySpan<byte> data)
    {
        while (!data.IsEmpty)
        {
            var blank = data.IndexOf((byte)' ');
            if (blank is < 1 or > 6
                || !int.TryParse(data[..blank], NumberStyles.None, CultureInfo.InvariantCulture, out var length)
                || length <= blank + 1 || length > data.Length || data[length - 1] != '\n')
            {
                throw Damaged();
            }

            var record = data[(blank + 1)..(length - 1)];
            var equals = record.IndexOf((byte)'=');
            if (equals < 1)
            {
                throw Damaged();
            }

            Set(Encoding.Latin1.GetString(record[..equals]), record[(equals + 1)..]);
            data = data[length..];
        }
    }

    private void Set(string key, ReadOnlySpan<byte> value)
    {
        switch (key)
        {
            case "path":
                Name = value.ToArray();
                break;
            case "linkpath":
                LinkTarget = value.ToArray();
                break;
            case "size":
                Size = long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var size) ? size : throw Damaged();
                break;
            default:
                IsSparse |= key.StartsWith("GNU.sparse.", StringComparison.Ordinal);
                break;
        }
    }

    private static ArchiveFormatException Damaged() => new("The archive is damaged: an extended header cannot be read.");
}
