namespace PaaS.Runtime;

/// <summary>
/// Which directory has what, for all process trees of a host or for one. Where one hierarchy has several, the paths are equal.
/// Which version a directory is of, its files say.
/// </summary>
/// <param name="Tree">By which the processes are listed and killed.</param>
/// <param name="Memory">With the memory controller.</param>
/// <param name="Cpu">With the controller of CPU shares.</param>
/// <param name="Processes">With the controller of the number of processes.</param>
/// <param name="CpuTime">Where used processor time is counted.</param>
internal sealed record CgroupPaths(string Tree, string? Memory = null, string? Cpu = null, string? Processes = null, string? CpuTime = null)
{
    /// <summary>Every directory once, the tree's first.</summary>
    public IEnumerable<string> All => new[] { Tree, Memory, Cpu, Processes, CpuTime }.OfType<string>().Distinct();

    /// <summary>The same of directories in these.</summary>
    public CgroupPaths Below(string name) =>
        new(Path.Combine(Tree, name), Join(Memory, name), Join(Cpu, name), Join(Processes, name), Join(CpuTime, name));

    private static string? Join(string? path, string name) => path is null ? null : Path.Combine(path, name);
}
