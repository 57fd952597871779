using System.ComponentModel;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>An epoll descriptor, with room for what it reports.</summary>
[SupportedOSPlatform("linux")]
internal sealed unsafe class EpollSet : IDisposable
{
    private const int MaxEvents = 512;

    /// <summary><c>struct epoll_event</c> is packed on x86-64 only.</summary>
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;

    private readonly byte* _events = (byte*)NativeMemory.AllocZeroed((nuint)(MaxEvents * EventSize));
    private readonly int _descriptor;

    public EpollSet()
    {
        _descriptor = LibC.EpollCreate(Linux.CloseOnExec);
        if (_descriptor < 0)
        {
            var error = Marshal.GetLastPInvokeError();
            NativeMemory.Free(_events);
            throw new IOException($"The router can't make an event loop: {Marshal.GetPInvokeErrorMessage(error)} (epoll_create1, error {error}).", new Win32Exception(error));
        }
    }

    /// <summary>Watches a descriptor; closing it ends that.</summary>
    /// <returns>0, or the error.</returns>
    public int Add(int descriptor, uint events, ulong token)
    {
        var what = stackalloc byte[16];
        *(uint*)what = events;
        Unsafe.WriteUnaligned(what + EventSize - 8, token);
        return LibC.EpollControl(_descriptor, Linux.EpollAdd, descriptor, what) == 0 ? 0 : LibC.Error;
    }

    public void Remove(int descriptor)
    {
        var what = stackalloc byte[16];
        _ = LibC.EpollControl(_descriptor, Linux.EpollDelete, descriptor, what);
    }

    /// <summary>Waits for events.</summary>
    /// <returns>How many came; 0 also if a signal came first.</returns>
    public int Wait(int milliseconds)
    {
        var count = LibC.EpollWait(_descriptor, _events, MaxEvents, milliseconds);
        if (count >= 0)
        {
            return count;
        }

        var error = LibC.Error;
        return error == Linux.Interrupted ? 0 : throw new IOException($"The router's event loop can't wait: {Marshal.GetPInvokeErrorMessage(error)} (epoll_wait, error {error}).", new Win32Exception(error));
    }

    /// <summary>An event of the last wait.</summary>
    public uint Events(int index, out ulong token)
    {
        var at = _events + (index * EventSize);
        token = Unsafe.ReadUnaligned<ulong>(at + EventSize - 8);
        return *(uint*)at;
    }

    public void Dispose()
    {
        _ = LibC.Close(_descriptor);
        NativeMemory.Free(_events);
    }
}
