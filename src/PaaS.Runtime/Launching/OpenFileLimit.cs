namespace PaaS.Runtime;

/// <summary>An ordinary user can't raise a limit above its own hard one: asking would keep the process from starting.</summary>
internal static unsafe class OpenFileLimit
{
    private const int OpenFiles = 7;

    /// <summary>The wanted number of open files, or the host's own hard limit if that is lower.</summary>
    public static long Clamp(int wanted)
    {
        var limit = stackalloc ulong[2];
        return Libc.GetLimit(OpenFiles, limit) == 0 && limit[1] < (ulong)wanted ? (long)limit[1] : wanted;
    }
}
