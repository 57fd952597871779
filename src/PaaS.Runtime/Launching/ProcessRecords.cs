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
    private readonly string _directory;

    [SupportedOSPlatform("linux")]
    public ProcessRecords(string directory)
    {
        _directory = Directory.CreateDirectory(directory, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute).FullName;
        BootId = Guid.Parse(File.ReadAllText("/proc/sys/kernel/random/boot_id").Trim(), CultureInfo.InvariantCulture);
        HostId = ReadOrMakeHostId();
    }

    /// <summary>The machine's present boot.</summary>
    public Guid BootId { get; }

    /// <summary>A name for this directory's host that stays the same over restarts and differs from every other one's.</summary>
    public Guid HostId { get; }

    /// <summary>Writes a record; a reader never sees half of it.</summary>
    public void Write(ProcessRecord record)
    {
        var path = PathOf(record.Marker);
        File.WriteAllBytes(path + ".tmp", JsonSerializer.SerializeToUtf8Bytes(record, ProcessRecordJson.Default.ProcessRecord));
        File.Move(path + ".tmp", path, overwrite: true);
    }

    /// <summary>Deletes a record; nothing happens if there is none.</summary>
    public void Delete(Guid marker) => File.Delete(PathOf(marker));

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

    private Guid ReadOrMakeHostId()
    {
        var path = Path.Combine(_directory, HostFile);
        if (File.Exists(path) && Guid.TryParseExact(File.ReadAllText(path).Trim(), "N", out var id))
        {
            return id;
        }

        id = Guid.NewGuid();
        File.WriteAllText(path, id.ToString("N"));
        return id;
    }

    private string PathOf(Guid marker) => Path.Combine(_directory, marker.ToString("N") + Extension);
}
