using System.Runtime.Versioning;

namespace PaaS.Runtime;

/// <summary>One mount of a spec on its way into the sandbox.</summary>
/// <param name="Mount">What the spec asks for.</param>
/// <param name="Scratch">The directory for what is written, of an ephemeral mount; else <see langword="null"/>.</param>
internal sealed record StagedMount(ProcessMount Mount, string? Scratch)
{
    /// <summary>What the process has written.</summary>
    public string Upper => Path.Combine(Scratch!, "up");

    /// <summary>Overlayfs's own.</summary>
    public string Work => Path.Combine(Scratch!, "work");

    /// <summary>Where an ordinary user mounts the whole.</summary>
    public string Merged => Path.Combine(Scratch!, "merged");

    /// <summary>Makes the scratch directories. The whole looks like the source: it has its mode, and belongs to the process's user.</summary>
    [SupportedOSPlatform("linux")]
    public void MakeScratch(int? user)
    {
        if (Scratch is null)
        {
            return;
        }

        Directory.CreateDirectory(Upper);
        Directory.CreateDirectory(Work);
        Directory.CreateDirectory(Merged);
        File.SetUnixFileMode(Upper, File.GetUnixFileMode(Mount.Source) | UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        if (user is { } owner)
        {
            Libc.ThrowIf(Libc.ChangeOwner(Upper, (uint)owner, (uint)owner) != 0, $"lchown of {Upper}");
        }
    }
}
