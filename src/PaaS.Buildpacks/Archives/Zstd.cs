using System.Globalization;
using System.Runtime.InteropServices;

namespace PaaS.Buildpacks;

/// <summary>libzstd, which .NET does not bring along. It is used if the machine has it.</summary>
internal sealed unsafe class Zstd
{
    private const int CompressionLevel = 100;
    private const int Checksum = 201;
    private const int LargestWindow = 100;

    // 8 MiB, as much as the format asks every reader to take, and no more: an archive must not choose how much memory reading it needs.
    private const int LargestWindowLog = 23;
    private const uint Oldest = 10400;
    private static readonly Lazy<Zstd?> Found = new(Find);

    private readonly delegate* unmanaged<nuint, nuint> _bound;
    private readonly delegate* unmanaged<nint> _createCompressor;
    private readonly delegate* unmanaged<nint, nuint> _freeCompressor;
    private readonly delegate* unmanaged<nint, int, int, nuint> _setCompression;
    private readonly delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint> _compress;
    private readonly delegate* unmanaged<nint> _createDecompressor;
    private readonly delegate* unmanaged<nint, nuint> _freeDecompressor;
    private readonly delegate* unmanaged<nint, int, int, nuint> _setDecompression;
    private readonly delegate* unmanaged<nint, Buffer*, Buffer*, nuint> _decompress;
    private readonly delegate* unmanaged<nuint, uint> _isError;
    private readonly delegate* unmanaged<nuint, nint> _errorName;

    private Zstd(nint library)
    {
        _bound = (delegate* unmanaged<nuint, nuint>)NativeLibrary.GetExport(library, "ZSTD_compressBound");
        _createCompressor = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "ZSTD_createCCtx");
        _freeCompressor = (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(library, "ZSTD_freeCCtx");
        _setCompression = (delegate* unmanaged<nint, int, int, nuint>)NativeLibrary.GetExport(library, "ZSTD_CCtx_setParameter");
        _compress = (delegate* unmanaged<nint, byte*, nuint, byte*, nuint, nuint>)NativeLibrary.GetExport(library, "ZSTD_compress2");
        _createDecompressor = (delegate* unmanaged<nint>)NativeLibrary.GetExport(library, "ZSTD_createDCtx");
        _freeDecompressor = (delegate* unmanaged<nint, nuint>)NativeLibrary.GetExport(library, "ZSTD_freeDCtx");
        _setDecompression = (delegate* unmanaged<nint, int, int, nuint>)NativeLibrary.GetExport(library, "ZSTD_DCtx_setParameter");
        _decompress = (delegate* unmanaged<nint, Buffer*, Buffer*, nuint>)NativeLibrary.GetExport(library, "ZSTD_decompressStream");
        _isError = (delegate* unmanaged<nuint, uint>)NativeLibrary.GetExport(library, "ZSTD_isError");
        _errorName = (delegate* unmanaged<nuint, nint>)NativeLibrary.GetExport(library, "ZSTD_getErrorName");
        Version = VersionOf(library);
    }

    /// <summary>The library, or null if the machine does not have it, or one older than 1.4.</summary>
    public static Zstd? Installed => Found.Value;

    /// <exception cref="PlatformNotSupportedException">The machine does not have it.</exception>
    public static Zstd Required =>
        Installed ?? throw new PlatformNotSupportedException("Slugs in the zstd format need libzstd 1.4 or later, which this machine does not have. Install it (Debian: apt-get install libzstd1), or choose gzip.");

    /// <summary>Its version: 10504 is 1.5.4.</summary>
    public uint Version { get; }

    /// <summary>How many bytes so many can have when they are compressed.</summary>
    public int Bound(int length) => checked((int)_bound((nuint)length));

    /// <summary>Makes one frame with a checksum.</summary>
    /// <returns>How many bytes it has.</returns>
    public int Compress(ReadOnlySpan<byte> content, Span<byte> target, int level)
    {
        var compressor = _createCompressor();
        if (compressor == 0)
        {
            throw new InsufficientMemoryException("libzstd got no memory.");
        }

        try
        {
            Check(_setCompression(compressor, CompressionLevel, level));
            Check(_setCompression(compressor, Checksum, 1));
            fixed (byte* from = content, to = target)
            {
                return (int)Check(_compress(compressor, to, (nuint)target.Length, from, (nuint)content.Length));
            }
        }
        finally
        {
            _freeCompressor(compressor);
        }
    }

    /// <summary>Begins to decompress, in memory that does not depend on what is decompressed.</summary>
    public Decompressor OpenDecompressor()
    {
        var decompressor = new Decompressor(this);
        Check(_setDecompression(decompressor.DangerousGetHandle(), LargestWindow, LargestWindowLog));
        return decompressor;
    }

    /// <summary>Decompresses a piece.</summary>
    /// <param name="decompressor">What has been decompressed before.</param>
    /// <param name="source">What comes next.</param>
    /// <param name="target">Takes what is decompressed.</param>
    /// <param name="consumed">How much of the source is done.</param>
    /// <param name="endsFrame">Whether a frame ends here: the source may end, too.</param>
    /// <returns>How much was decompressed.</returns>
    /// <exception cref="InvalidDataException">It is damaged, or needs more than 8 MiB of memory.</exception>
    public int Decompress(Decompressor decompressor, ReadOnlySpan<byte> source, Span<byte> target, out int consumed, out bool endsFrame)
    {
        fixed (byte* from = source, to = target)
        {
            var output = new Buffer { Bytes = to, Size = (nuint)target.Length };
            var input = new Buffer { Bytes = from, Size = (nuint)source.Length };
            var rest = Check(_decompress(decompressor.DangerousGetHandle(), &output, &input));
            (consumed, endsFrame) = ((int)input.Position, rest == 0);
            return (int)output.Position;
        }
    }

    private static Zstd? Find()
    {
        var name = OperatingSystem.IsWindows() ? "libzstd" : OperatingSystem.IsMacOS() ? "libzstd.1.dylib" : "libzstd.so.1";
        return NativeLibrary.TryLoad(name, out var library) && VersionOf(library) >= Oldest ? new Zstd(library) : null;
    }

    private static uint VersionOf(nint library) =>
        NativeLibrary.TryGetExport(library, "ZSTD_versionNumber", out var version) ? ((delegate* unmanaged<uint>)version)() : 0;

    private nuint Check(nuint result) =>
        _isError(result) == 0 ? result : throw new InvalidDataException(string.Create(CultureInfo.InvariantCulture, $"zstd: {Marshal.PtrToStringUTF8(_errorName(result))}."));

    /// <summary>What the library keeps between pieces.</summary>
    public sealed class Decompressor : SafeHandle
    {
        private readonly Zstd _zstd;

        public Decompressor(Zstd zstd) : base(0, ownsHandle: true)
        {
            _zstd = zstd;
            SetHandle(zstd._createDecompressor());
            if (IsInvalid)
            {
                throw new InsufficientMemoryException("libzstd got no memory.");
            }
        }

        public override bool IsInvalid => handle == 0;

        protected override bool ReleaseHandle() => _zstd._freeDecompressor(handle) == 0;
    }

    [StructLayout(LayoutKind.Sequential)]
    private struct Buffer
    {
        public byte* Bytes;
        public nuint Size;
        public nuint Position;
    }
}
