using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace PaaS.Runtime;

/// <summary>
/// One thread that waits for the end of every process by its descriptor. It only looks and never reaps, so the process's
/// number, and with it the session's, stays taken until its owner is done with the whole tree. It asks for these
/// processes alone, so that children the embedding program started itself are left to it.
/// </summary>
internal sealed unsafe class ExitWatcher : IDisposable
{
    private const int Add = 1;
    private const int Remove = 2;
    private const uint Readable = 1;
    private const int BatchSize = 64;
    private const int IdTypePid = 1;
    private const int DontHang = 1;
    private const int ExitedOnly = 4;
    private const int DontReap = 0x01000000;
    private const int CodeExited = 1;

    // epoll_event is packed on x86-64 and nowhere else.
    private static readonly int EventSize = RuntimeInformation.ProcessArchitecture == Architecture.X64 ? 12 : 16;
    private static readonly int EventData = EventSize - sizeof(long);

    private readonly Lock _gate = new();
    private readonly ConcurrentDictionary<long, Watched> _watched = new();
    private readonly int _epoll;
    private readonly (int Read, int Write) _wake;
    private readonly Thread _thread;
    private long _next;

    public ExitWatcher()
    {
        _epoll = Libc.EpollCreate(Libc.OpenCloseOnExec);
        Libc.ThrowIf(_epoll < 0, "epoll_create1");
        _wake = Libc.Pipe();
        Control(Add, _wake.Read, 0);

        // Here and not at the first watch, which a start asks for while its thread is in a process's namespaces: a thread is
        // born into the namespaces of the one that starts it, and so are the workers of the thread pool that it wakes.
        _thread = new Thread(Run) { IsBackground = true, Name = "PaaS process exits" };
        _thread.Start();
    }

    /// <summary>Watches a child until it ends.</summary>
    /// <returns>A task that never faults.</returns>
    public Task<ProcessExit> Watch(int pid)
    {
        var descriptor = Libc.OpenProcess(pid);
        Libc.ThrowIf(descriptor < 0, "pidfd_open");
        var watched = new Watched(pid, descriptor, new(TaskCreationOptions.RunContinuationsAsynchronously));
        var id = Interlocked.Increment(ref _next);
        _watched[id] = watched;
        try
        {
            Control(Add, descriptor, id);
        }
        catch
        {
            _watched.TryRemove(id, out _);
            _ = Libc.Close(descriptor);
            throw;
        }

        return watched.Exited.Task;
    }

    /// <summary>Gives a finished child's number back to the system.</summary>
    public static void Reap(int pid) => _ = Wait(pid, ExitedOnly | DontHang);

    /// <summary>Kills a child that is not watched and gives its number back.</summary>
    public static void End(int pid)
    {
        _ = Libc.Kill(pid, (int)ProcessSignal.Kill);
        _ = Wait(pid, ExitedOnly);
    }

    public void Dispose()
    {
        _ = Libc.Close(_wake.Write);
        _thread.Join();
        _ = Libc.Close(_wake.Read);
        _ = Libc.Close(_epoll);
        foreach (var watched in _watched.Values)
        {
            _ = Libc.Close(watched.Descriptor);
        }
    }

    private static ProcessExit? Wait(int pid, int options)
    {
        // siginfo_t: si_code at 8, si_pid at 16, si_status at 24.
        var info = stackalloc byte[128];
        new Span<byte>(info, 128).Clear();
        while (Libc.WaitId(IdTypePid, pid, info, options) != 0)
        {
            // ECHILD: a program that has the system discard its children's statuses (SIGCHLD ignored) embeds us.
            if (Marshal.GetLastPInvokeError() != Libc.Interrupted)
            {
                return Marshal.GetLastPInvokeError() == Libc.NoChild ? new ProcessExit(255) : null;
            }
        }

        if (*(int*)(info + 16) == 0)
        {
            return null;
        }

        var status = *(int*)(info + 24);
        return new ProcessExit(*(int*)(info + 8) == CodeExited ? status : 128 + status);
    }

    private void Run()
    {
        var events = stackalloc byte[BatchSize * EventSize];
        while (true)
        {
            var count = Libc.EpollWait(_epoll, events, BatchSize, -1);
            for (var i = 0; i < count; i++)
            {
                var id = *(long*)(events + (i * EventSize) + EventData);
                if (id == 0)
                {
                    return;
                }

                Finish(id);
            }
        }
    }

    private void Finish(long id)
    {
        if (_watched.TryGetValue(id, out var watched) && Wait(watched.Pid, ExitedOnly | DontHang | DontReap) is { } exit)
        {
            _watched.TryRemove(id, out _);
            Control(Remove, watched.Descriptor, id);
            _ = Libc.Close(watched.Descriptor);
            watched.Exited.TrySetResult(exit);
        }
    }

    private void Control(int operation, int descriptor, long id)
    {
        var what = stackalloc byte[16];
        *(uint*)what = Readable;
        *(long*)(what + EventData) = id;
        Libc.ThrowIf(Libc.EpollControl(_epoll, operation, descriptor, what) != 0, "epoll_ctl");
    }

    private sealed record Watched(int Pid, int Descriptor, TaskCompletionSource<ProcessExit> Exited);
}
