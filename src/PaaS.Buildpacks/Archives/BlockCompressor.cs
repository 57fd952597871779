using System.IO.Compression;
using System.Runtime.InteropServices;

namespace PaaS.Buildpacks;

/// <summary>Compresses blocks of a slug, each for itself, so that they can be compressed side by side and kept from one build to the next.</summary>
internal abstract class BlockCompressor
{
    /// <summary>How blocks are cut for it.</summary>
    public abstract BlockShape Shape { get; }

    /// <summary>All that the compressed bytes depend on besides the content.</summary>
    public abstract string Identity { get; }

    /// <summary>Compresses a block's content into <see cref="SlugBlock.Packed"/>. Several threads may call it at once.</summary>
    public abstract void Compress(SlugBlock block);

    /// <exception cref="PlatformNotSupportedException">The format needs a library that is not there.</exception>
    public static BlockCompressor Of(SlugFormat format) => format switch
    {
        SlugFormat.Gzip => new Gzip(),
        SlugFormat.Zstd => new Zstandard(Zstd.Required),
        _ => throw new ArgumentOutOfRangeException(nameof(format), format, "There is no such slug format."),
    };

    private sealed class Gzip : BlockCompressor
    {
        // Of zlib-ng, which .NET uses: as small as GNU gzip's level 6 at a third of its work.
        private const int Level = 5;
        private const int OperatingSystemField = 9;

        public override BlockShape Shape { get; } = new(128 << 10, 64 << 10, 1 << 20);

        public override string Identity { get; } = $"gzip {Level} {Environment.Version} {RuntimeInformation.ProcessArchitecture}";

        public override void Compress(SlugBlock block)
        {
            block.Packed.SetLength(0);
            using (var member = new GZipStream(block.Packed, new ZLibCompressionOptions { CompressionLevel = Level }, leaveOpen: true))
            {
                member.Write(block.Content);
            }

            // Unknown, as it does not matter: the slug is the same wherever it is packed.
            block.Packed.GetBuffer()[OperatingSystemField] = 255;
        }
    }

    private sealed class Zstandard(Zstd zstd) : BlockCompressor
    {
        private const int Level = 3;

        public override BlockShape Shape { get; } = new(2 << 20, 1 << 20, 4 << 20);

        public override string Identity { get; } = $"zstd {Level} {zstd.Version} {RuntimeInformation.ProcessArchitecture}";

        public override void Compress(SlugBlock block)
        {
            block.Packed.SetLength(zstd.Bound(block.Length));
            block.Packed.SetLength(zstd.Compress(block.Content, block.Packed.GetBuffer(), Level));
        }
    }
}
