using System.Globalization;
using System.IO.Pipes;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// One small process that outlives the host by a moment: it reads a pipe whose other end only the host holds, and when that
/// ends, however the host has ended, it kills every process tree that is still there. It has a session of its own, so that no
/// terminal's Ctrl-C reaches it, an empty environment, and no descriptor of the host's. It never acts while the host lives.
/// </summary>
internal sealed class Watchdog(ExitWatcher exits, IReadOnlyList<string> directories) : IAsyncDisposable
{
    private const int Replacements = 20;

    /// <summary>The most that an ordinary user gets: some 15,000 trees, should the watchdog have to be replaced.</summary>
    private const int PipeBytes = 1 << 20;

    /// <summary>How long the launcher's end waits for it, should it still have trees to kill.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, string> _trees = [];
    private AnonymousPipeClientStream? _input;
    private Task _ended = Task.CompletedTask;
    private int _pid;
    private int _left = Replacements;
    private bool _disposed;

    /// <summary>Whether a watchdog stands, or can be started when it is first needed.</summary>
    public bool IsAble
    {
        get
        {
            lock (_gate)
            {
                return _left > 0;
            }
        }
    }

    /// <summary>The watchdog's process; 0 while there is none.</summary>
    public int Id
    {
        get
        {
            lock (_gate)
            {
                return _pid;
            }
        }
    }

    /// <summary>Tells it of a tree, before that has run anything of a tenant's.</summary>
    public void Add(Guid marker, int pid, long startTime)
    {
        var line = string.Create(CultureInfo.InvariantCulture, $"+{marker:N}:{pid}:{Math.Max(0, startTime)}\n");
        lock (_gate)
        {
            _trees[marker] = line;
            if (!_disposed && (_pid == 0 || !TrySend(line)))
            {
                Replace();
            }
        }
    }

    /// <summary>Tells it that nothing of a tree is left.</summary>
    public void Remove(Guid marker)
    {
        lock (_gate)
        {
            if (_trees.Remove(marker) && !_disposed && _pid != 0 && !TrySend($"-{marker:N}\n"))
            {
                Replace();
            }
        }
    }

    /// <summary>Lets it go. Were there still trees, it would kill them now.</summary>
    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            _disposed = true;
            if (_pid != 0 && _trees.Count == 0)
            {
                _ = Libc.Kill(_pid, (int)ProcessSignal.Kill);
            }

            _input?.Dispose();
        }

        await Task.WhenAny(_ended, Task.Delay(Patience)).ConfigureAwait(false);
    }

    private bool TrySend(string line) => Libc.TryWrite(_input!.SafePipeHandle, Encoding.ASCII.GetBytes(line));

    /// <summary>Starts one, or another in place of one that has died or doesn't read, and tells it all. Under the lock.</summary>
    private void Replace()
    {
        Stop();
        while (_left > 0 && _pid == 0)
        {
            _left--;
            try
            {
                Begin();
            }
            catch (Exception e) when (e is IOException or ProcessStartException)
            {
                // No descriptor or process to be had: the next start of a tree tries again, and IsAble says so when it is given up.
                Stop();
                return;
            }

            if (!_trees.Values.All(TrySend))
            {
                Stop();
            }
        }
    }

    private void Begin()
    {
        var streams = StdStreams.Open(new ProcessSpec { Command = ["/bin/sh"], WorkingDirectory = "/", Label = "watchdog", RedirectInput = true });
        _input = streams.Input!;
        try
        {
            Libc.MakePatient(_input.SafePipeHandle, PipeBytes);
            _pid = Spawn.Start(["/bin/sh", "-c", WatchdogScript.Text, "paas-watchdog", .. directories], streams, []);
        }
        finally
        {
            // It says nothing: the host keeps the one end.
            streams.CloseChildEnds();
            streams.Control.Dispose();
            streams.Output.Dispose();
        }

        _ended = ReapAsync(_pid, exits.Watch(_pid));
    }

    /// <summary>Kills the present one before its input ends, so that it doesn't act.</summary>
    private void Stop()
    {
        if (_pid != 0)
        {
            _ = Libc.Kill(_pid, (int)ProcessSignal.Kill);
            _pid = 0;
        }

        _input?.Dispose();
    }

    private async Task ReapAsync(int pid, Task<ProcessExit> exited)
    {
        await exited.ConfigureAwait(false);
        lock (_gate)
        {
            ExitWatcher.Reap(pid);
            if (_pid != pid)
            {
                return;
            }

            _pid = 0;
            if (!_disposed)
            {
                Replace();
            }
        }
    }
}
