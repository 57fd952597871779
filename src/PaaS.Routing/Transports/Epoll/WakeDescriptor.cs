using System.ComponentModel;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>
/// Ends the wait of an event loop from another thread. Watched edge-triggered, each write is an event of its own, so it is never read; its counter
/// can't overflow within the life of a machine.
/// </summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class WakeDescriptor : IDisposable
{
    private readonly Lock _gate = new();
    private bool _isClosed;

    public WakeDescriptor()
    {
        Descriptor = LibC.EventDescriptor(0, Linux.NonBlocking | Linux.CloseOnExec);
        if (Descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            throw new IOException($"The router can't make an event loop: {Marshal.GetPInvokeErrorMessage(error)} (eventfd, error {error}).", new Win32Exception(error));
        }
    }

    public int Descriptor { get; }

    /// <summary>From any thread, and after the loop's end, too: then nothing happens.</summary>
    public void Wake()
    {
        // A number that was closed may be another file's by now.
        lock (_gate)
        {
            if (!_isClosed)
            {
                var one = 1UL;
                _ = LibC.Write(Descriptor, &one, sizeof(ulong));
            }
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            if (!_isClosed)
            {
                _isClosed = true;
                _ = LibC.Close(Descriptor);
            }
        }
    }
}
