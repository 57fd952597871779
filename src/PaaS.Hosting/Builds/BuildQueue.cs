namespace PaaS.Hosting;

/// <summary>The shell around <see cref="BuildQueueMachine"/>: whoever wants to build waits here for a turn.</summary>
internal sealed class BuildQueue
{
    private readonly Lock _gate = new();
    private readonly Dictionary<Guid, Waiter> _waiters = [];
    private BuildQueueMachine.State _state = BuildQueueMachine.State.Idle;

    /// <summary>Waits for a turn.</summary>
    /// <param name="name">What to tell an older one that waits: the commit.</param>
    /// <param name="queued">Called if there is a wait.</param>
    /// <param name="cancellationToken">Gives up the place.</param>
    /// <returns>The turn, to be disposed at its end; or, when a newer one took the place, that one's name.</returns>
    public async Task<(IDisposable? Turn, string? SupersededBy)> EnterAsync(string name, Action queued, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var waiter = new Waiter(queued);
        var id = Guid.NewGuid();
        lock (_gate)
        {
            _waiters.Add(id, waiter);
        }

        try
        {
            Post(new BuildQueueMachine.Message.Enter(new BuildQueueMachine.Ticket(id, name)));
            var supersededBy = await waiter.Decided.Task.WaitAsync(cancellationToken);
            return supersededBy is null ? (new Turn(this, id), null) : (null, supersededBy);
        }
        catch
        {
            // Cancelled, or told to nobody: a place that is kept for nobody would hold up all who come after.
            Leave(id);
            throw;
        }
    }

    private void Leave(Guid id)
    {
        Post(new BuildQueueMachine.Message.Leave(id));
        lock (_gate)
        {
            _waiters.Remove(id);
        }
    }

    private void Post(BuildQueueMachine.Message message)
    {
        var calls = new List<Action>();
        lock (_gate)
        {
            (_state, var effects) = BuildQueueMachine.Step(_state, message);
            foreach (var effect in effects)
            {
                switch (effect)
                {
                    case BuildQueueMachine.Effect.Begin begin:
                        _waiters[begin.Id].Decided.TrySetResult(null);
                        break;
                    case BuildQueueMachine.Effect.Queued queued:
                        calls.Add(_waiters[queued.Id].Queued);
                        break;
                    case BuildQueueMachine.Effect.Supersede supersede:
                        _waiters[supersede.Id].Decided.TrySetResult(supersede.By);
                        _waiters.Remove(supersede.Id);
                        break;
                }
            }
        }

        // The caller's code runs outside the lock.
        calls.ForEach(call => call());
    }

    private sealed class Waiter(Action queued)
    {
        public Action Queued { get; } = queued;

        public TaskCompletionSource<string?> Decided { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }

    private sealed class Turn(BuildQueue queue, Guid id) : IDisposable
    {
        private int _ended;

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _ended, 1) == 0)
            {
                queue.Leave(id);
            }
        }
    }
}
