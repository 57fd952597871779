using Microsoft.Win32.SafeHandles;

namespace PaaS.Buildpacks;

/// <summary>Reads small files whose size a stranger decides.</summary>
internal static class BoundedFile
{
    /// <summary>The first bytes of a file.</summary>
    /// <param name="file">The file.</param>
    /// <param name="most">How many.</param>
    /// <param name="all">Whether that is the whole file.</param>
    public static byte[] Read(SafeFileHandle file, int most, out bool all)
    {
        using var bytes = new MemoryStream();
        var buffer = new byte[8192];
        int read;
        while ((read = RandomAccess.Read(file, buffer, bytes.Length)) > 0)
        {
            bytes.Write(buffer, 0, read);
            if (bytes.Length > most)
            {
                all = false;
                return bytes.ToArray()[..most];
            }
        }

        all = true;
        return bytes.ToArray();
    }
}
