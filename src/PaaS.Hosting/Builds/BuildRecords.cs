namespace PaaS.Hosting;

/// <summary>The newest builds of one app. They are kept as long as the host runs.</summary>
internal sealed class BuildRecords(TimeProvider time)
{
    private const int Kept = 50;

    /// <summary>How many of them keep their output.</summary>
    private const int OutputsKept = 5;
    private readonly Lock _gate = new();
    private readonly List<BuildRecord> _records = [];

    public BuildRecord Add(AppId app, Actor by, string? version)
    {
        var now = time.GetUtcNow();
        var record = new BuildRecord(new Build(Guid.NewGuid(), app, by, version, BuildStatus.Pending, null, null, null, now, now), time);
        lock (_gate)
        {
            _records.Add(record);
            if (_records.Count > Kept && _records.FindIndex(r => r.Build.Status != BuildStatus.Pending) is >= 0 and var oldest)
            {
                _records.RemoveAt(oldest);
            }

            foreach (var old in _records.SkipLast(OutputsKept).Where(r => r.Build.Status != BuildStatus.Pending))
            {
                old.DropOutput();
            }
        }

        return record;
    }

    public BuildRecord? Find(Guid id)
    {
        lock (_gate)
        {
            return _records.Find(record => record.Build.Id == id);
        }
    }

    /// <summary>Newest first.</summary>
    public IReadOnlyList<Build> List()
    {
        lock (_gate)
        {
            return [.. _records.Select(record => record.Build).Reverse()];
        }
    }
}
