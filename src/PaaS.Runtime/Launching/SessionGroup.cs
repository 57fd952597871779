using System.Globalization;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// Where no cgroup can be made: the processes of one session, those that carry the marker in their environment, and what
/// these have started. Weaker than a cgroup: a process that makes a session of its own, clears its environment and is
/// given away by its parent is lost.
/// </summary>
/// <param name="session">The session's id, which is the first process's id.</param>
/// <param name="startTime">The first process's start time.</param>
/// <param name="marker">The marker.</param>
internal sealed class SessionGroup(int session, long startTime, Guid marker) : ProcessGroup
{
    private readonly byte[] _entry = Encoding.ASCII.GetBytes($"{EnvironmentBlock.Marker}={marker:N}");

    public override string? CgroupPath => null;

    public override bool IsEmpty => List().Count == 0;

    public override void Join(int pid)
    {
        // It is the session's first process.
    }

    public override IReadOnlyList<int> List()
    {
        var all = ProcessStat.ReadAll().Where(static p => p.Id != Environment.ProcessId).ToList();

        // The number is this session's only as long as its first process, dead or alive, holds it.
        var held = all.Exists(p => p.Id == session && p.StartTime == startTime);
        var alive = all.Where(static p => p.IsAlive).ToList();
        var members = alive.Where(p => (held && p.Session == session) || HasMarker(p.Id)).Select(static p => p.Id).ToHashSet();
        while (alive.Where(p => members.Contains(p.Parent) && !members.Contains(p.Id)).Select(static p => p.Id).ToList() is { Count: > 0 } children)
        {
            members.UnionWith(children);
        }

        return [.. members];
    }

    public override void Kill() => Signal((int)ProcessSignal.Kill, static _ => false);

    public override ValueTask<bool> RemoveAsync() => ValueTask.FromResult(true);

    private bool HasMarker(int pid)
    {
        try
        {
            ReadOnlySpan<byte> environment = File.ReadAllBytes(string.Create(CultureInfo.InvariantCulture, $"/proc/{pid}/environ"));
            foreach (var range in environment.Split((byte)0))
            {
                if (environment[range].SequenceEqual(_entry))
                {
                    return true;
                }
            }

            return false;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            // It ended while we looked, or is another user's: an ordinary user's children are its own.
            return false;
        }
    }
}
