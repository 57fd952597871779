namespace PaaS.Hosting;

/// <summary>How full a disk is.</summary>
/// <param name="TotalBytes">Its size.</param>
/// <param name="FreeBytes">What the host may still write.</param>
internal readonly record struct DiskSpace(long TotalBytes, long FreeBytes)
{
    /// <summary>The disk that holds a directory.</summary>
    public static DiskSpace Of(string directory)
    {
        var drive = new DriveInfo(directory);
        return new DiskSpace(drive.TotalSize, drive.AvailableFreeSpace);
    }
}
