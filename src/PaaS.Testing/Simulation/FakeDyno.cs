using System.Collections.Immutable;
using System.Net;
using PaaS.Runtime;

namespace PaaS.Testing;

/// <summary>A dyno without a process: it does what its script says and what the test makes it do, and records what is done to it.</summary>
public sealed class FakeDyno : IDyno
{
    private readonly TaskCompletionSource<bool> _listening = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<ProcessExit> _exited = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _disposed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly DynoScript _script;
    private int _healthChecks;
    private ImmutableList<ProcessSignal> _signals = [];

    internal FakeDyno(DynoSpec spec, DynoScript script, IPEndPoint? endpoint)
    {
        Spec = spec;
        Endpoint = endpoint;
        _script = script;
        Fake = spec.Streams == DynoStreams.Log ? null : new FakeDynoAttachment(spec.Streams == DynoStreams.Terminal ? spec.Terminal : null);
        foreach (var line in script.Output)
        {
            Write(line);
        }

        if (script.GetsReady)
        {
            BecomeReady();
        }

        if (script.ExitStatus is { } status)
        {
            Exit(status);
        }
    }

    /// <inheritdoc/>
    public DynoSpec Spec { get; }

    /// <inheritdoc/>
    public IPEndPoint? Endpoint { get; }

    /// <inheritdoc/>
    public Task<ProcessExit> Exited => _exited.Task;

    /// <inheritdoc/>
    public DynoAttachment? Attachment => Fake;

    /// <summary>Its end of <see cref="Attachment"/>: what its client has written and asked for.</summary>
    public FakeDynoAttachment? Fake { get; }

    /// <summary>What <see cref="Measure"/> says.</summary>
    public ProcessUsage? Usage { get; set; }

    /// <summary>The signals it has got, in order; a kill of the tree is <see cref="ProcessSignal.Kill"/>.</summary>
    public ImmutableList<ProcessSignal> Signals => Volatile.Read(ref _signals);

    /// <summary>Whether it runs.</summary>
    public bool IsAlive => !_exited.Task.IsCompleted;

    /// <summary>Completes when it has been disposed.</summary>
    public Task Disposed => _disposed.Task;

    /// <summary>Begins to listen on its port.</summary>
    public void BecomeReady() => _listening.TrySetResult(true);

    /// <summary>Writes a line of output: to its client, if it is an attached one, else to the log.</summary>
    /// <param name="line">The line.</param>
    public void Write(string line)
    {
        if (Fake is not null)
        {
            Fake.Say(line + "\n");
            return;
        }

        foreach (var log in Spec.Copies.Prepend(Spec.Logs))
        {
            log.Write(LogSource.App, Spec.Name.ToString(), line);
        }
    }

    /// <summary>Ends.</summary>
    /// <param name="status">The status.</param>
    /// <param name="reason">What ended it.</param>
    public void Exit(int status, ProcessExitReason reason = ProcessExitReason.Ended)
    {
        _listening.TrySetResult(false);
        Fake?.End();
        _exited.TrySetResult(new ProcessExit(status, reason));
    }

    /// <summary>How often it was asked for its health.</summary>
    public int HealthChecks => Volatile.Read(ref _healthChecks);

    internal HealthAnswer AnswerHealth()
    {
        Interlocked.Increment(ref _healthChecks);
        return new(_script.HealthStatus < 400, $"answered {_script.HealthStatus}");
    }

    /// <inheritdoc/>
    public ValueTask<bool> WaitUntilListeningAsync(CancellationToken cancellationToken = default) => new(_listening.Task.WaitAsync(cancellationToken));

    /// <inheritdoc/>
    public IReadOnlyList<IPEndPoint> ListListening()
    {
        var others = _script.OtherPorts.Select(static port => new IPEndPoint(IPAddress.Any, port));
        return Endpoint is not null && _listening.Task is { IsCompletedSuccessfully: true, Result: true } ? [Endpoint, .. others] : [.. others];
    }

    /// <inheritdoc/>
    public ProcessUsage? Measure() => IsAlive ? Usage : null;

    /// <inheritdoc/>
    public void SignalAll(ProcessSignal signal)
    {
        ImmutableInterlocked.Update(ref _signals, signals => signals.Add(signal));
        if (signal == ProcessSignal.Kill || (signal == ProcessSignal.Terminate && _script.HeedsTerm) || (signal == ProcessSignal.HangUp && _script.HeedsHangUp))
        {
            Exit(128 + (int)signal);
        }
    }

    /// <inheritdoc/>
    public ValueTask KillTreeAsync(CancellationToken cancellationToken = default)
    {
        SignalAll(ProcessSignal.Kill);
        return ValueTask.CompletedTask;
    }

    /// <inheritdoc/>
    public ValueTask DisposeAsync()
    {
        Exit(128 + (int)ProcessSignal.Kill);
        _disposed.TrySetResult();
        return ValueTask.CompletedTask;
    }
}
