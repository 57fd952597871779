using System.Net;

namespace PaaS.Runtime.Tests;

/// <summary>A launcher that starts nothing and remembers what it was asked for.</summary>
internal sealed class RecordingLauncher(ProcessIsolation isolation = (ProcessIsolation)(-1)) : IProcessLauncher
{
    public ProcessIsolation Isolation => isolation;

    public List<ProcessSpec> Specs { get; } = [];

    /// <summary>The addresses of the processes' own networks.</summary>
    public IPAddress? Address { get; set; } = IPAddress.Parse("10.213.0.2");

    /// <summary>What the next start fails with.</summary>
    public Exception? Failure { get; set; }

    public int Disposed { get; private set; }

    public ValueTask<ProcessHandle> StartAsync(ProcessSpec spec, CancellationToken cancellationToken = default)
    {
        lock (Specs)
        {
            Specs.Add(spec);
        }

        return Failure is { } failure ? throw failure : new(new Started(this));
    }

    private sealed class Started(RecordingLauncher launcher) : ProcessHandle
    {
        private readonly TaskCompletionSource<ProcessExit> _exited = new();

        public override int Id => 1;

        public override IPAddress? Address => launcher.Address;

        public override Task<ProcessExit> Exited => _exited.Task;

        public override Stream Input => Stream.Null;

        public override Stream Output => Stream.Null;

        public override Stream Error => Stream.Null;

        public override IReadOnlyList<int> ListProcesses() => [];

        public override void SignalAll(ProcessSignal signal) => _exited.TrySetResult(new(128 + (int)signal));

        public override ValueTask KillTreeAsync(CancellationToken cancellationToken = default)
        {
            SignalAll(ProcessSignal.Kill);
            return ValueTask.CompletedTask;
        }

        public override ValueTask DisposeAsync()
        {
            launcher.Disposed++;
            return KillTreeAsync();
        }
    }
}
