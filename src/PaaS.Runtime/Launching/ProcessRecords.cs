using System.Globalization;
using System.Runtime.Versioning;
using System.Text.Json;

namespace PaaS.Runtime;

/// <summary>
/// The directory of process records. A record needs no fsync: it only has to outlive the host's process, and after a
/// crash of the machine nothing is left that it could name.
/// </summary>
internal sealed class ProcessRecords
{
    private const string HostFile = "host";
    private const string Extension = ".json";
    private const string Unfinished = ".tmp";
    private readonly string _directory;

    [SupportedOSPlatform("linux")]
    public ProcessRecords(string directory)
    {
        _directory = Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        BootId = Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), CultureInfo.InvariantCulture);
        HostId = ReadHostId() ?? MakeHostId();
    }

    /// <summary>The machine's present boot.</summary>
    public Guid BootId { get; }

    /// <summary>A name for this directory's host that stays the same over restarts and differs from every other one's, a copied directory's too.</summary>
    public Guid HostId { get; }

    /// <summary>Writes a record; a reader never sees half of it.</summary>
    public void Write(ProcessRecord record)
    {
        var path = PathOf(record.Marker);
        File.WriteAllBytes(path + Unfinished, JsonSerializer.SerializeToUtf8Bytes(record, ProcessRecordJson.Default.ProcessRecord));
        File.Move(path + Unfinished, path, overwrite: true);
    }

    /// <summary>Deletes a record; nothing happens if there is none.</summary>
    public void Delete(Guid marker) => File.Delete(PathOf(marker));

    /// <summary>
    /// Deletes what a host left that was killed while it wrote a record: its process has run nothing, and ends by itself. Only before the
    /// first start.
    /// </summary>
    public void DeleteUnfinished() => DeleteAll(Extension + Unfinished);

    /// <summary>Reads all records; what is not a record any more is removed.</summary>
    public List<ProcessRecord> ReadAll()
    {
        var records = new List<ProcessRecord>();
        foreach (var path in Directory.GetFiles(_directory, "*" + Extension))
        {
            if (Guid.TryParseExact(Path.GetFileNameWithoutExtension(path), "N", out var marker) && Read(path, marker) is { } record)
            {
                records.Add(record);
            }
        }

        return records;
    }

    private ProcessRecord? Read(string path, Guid marker)
    {
        try
        {
            return JsonSerializer.Deserialize(File.ReadAllBytes(path), ProcessRecordJson.Default.ProcessRecord) is { } record && record.Marker == marker ? record : MarkerOnly(marker);
        }
        catch (JsonException)
        {
            return MarkerOnly(marker);
        }
        catch (FileNotFoundException)
        {
            return null;
        }
    }

    /// <summary>A damaged record still tells the marker by its name: no process has the number 0.</summary>
    private ProcessRecord MarkerOnly(Guid marker) => new(marker, "unknown", BootId, 0, -1, null);

    /// <summary>The first line is the id, the rest the place that it was made for.</summary>
    /// <returns><see langword="null"/> if there is none, or it is the host's of which this directory is a copy.</returns>
    private Guid? ReadHostId()
    {
        var path = Path.Combine(_directory, HostFile);
        return File.Exists(path)
            && File.ReadAllText(path).Split('\n', 2) is [var first, var place]
            && place == Place()
            && Guid.TryParseExact(first, "N", out var id) ? id : null;
    }

    /// <summary>A new host: the records that are there are another's, whose processes may be alive and well.</summary>
    private Guid MakeHostId()
    {
        DeleteAll(Extension);
        DeleteAll(Extension + Unfinished);
        var id = Guid.NewGuid();
        var path = Path.Combine(_directory, HostFile);
        File.WriteAllText(path + Unfinished, $"{id:N}\n{Place()}");
        File.Move(path + Unfinished, path, overwrite: true);
        return id;
    }

    /// <summary>A copy has another number or device, and what was moved another path.</summary>
    private string Place()
    {
        var status = Libc.Status(_directory);
        return string.Create(CultureInfo.InvariantCulture, $"{status.DeviceMajor}:{status.DeviceMinor} {status.Inode} {_directory}\n");
    }

    private void DeleteAll(string extension)
    {
        foreach (var path in Directory.GetFiles(_directory, "*" + extension).Where(path => path.EndsWith(extension, StringComparison.Ordinal)))
        {
            File.Delete(path);
        }
    }

    private string PathOf(Guid marker) => Path.Combine(_directory, marker.ToString("N") + Extension);
}
