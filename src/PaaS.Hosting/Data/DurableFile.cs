namespace PaaS.Hosting;

/// <summary>Small files that are wholly there or not at all, whenever the power fails.</summary>
internal static class DurableFile
{
    private const string IncomingSuffix = ".incoming";

    /// <summary>Writes a file that only its owner can read, in place of the one that stands there. Durable when it returns.</summary>
    public static void Write(string path, ReadOnlySpan<byte> content)
    {
        var incoming = path + IncomingSuffix;
        File.Delete(incoming);
        try
        {
            using (var file = Posix.Open(incoming, Posix.ReadWrite | Posix.Create | Posix.Exclusive | Posix.NoFollow))
            {
                RandomAccess.Write(file, content, 0);
                RandomAccess.FlushToDisk(file);
            }

            File.Move(incoming, path, overwrite: true);
        }
        catch
        {
            File.Delete(incoming);
            throw;
        }

        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }

    /// <summary>Deletes a file; one that is not there is no error. Durable when it returns.</summary>
    public static void Delete(string path)
    {
        File.Delete(path);
        Posix.SyncDirectory(Path.GetDirectoryName(path)!);
    }
}
