namespace PaaS.Runtime;

/// <summary>
/// Processes of a tree that made themselves the host's children (clone with CLONE_PARENT): their parent, the host, must reap
/// them, or each keeps a number for as long as the host lives. Its other children are left alone.
/// </summary>
internal static class StrayChildren
{
    /// <summary>Reaps those of a tree that have ended.</summary>
    /// <param name="leader">The tree's first process, which is not reaped yet: no other session has its number.</param>
    /// <param name="group">The tree.</param>
    public static void Reap(int leader, ProcessGroup group)
    {
        foreach (var child in ProcessStat.ReadChildren())
        {
            if (!child.IsAlive && child.Id != leader && (child.Session == leader || group.Had(child.Id)))
            {
                ExitWatcher.Reap(child.Id);
            }
        }
    }
}
