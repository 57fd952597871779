using System.Collections.Immutable;
using System.Threading.Channels;

namespace PaaS.Hosting;

/// <summary>
/// The only appender to an app's stream: one loop that decides, appends and publishes a new snapshot. It awaits the
/// journal and nothing else, never a build, a release phase or a swap.
/// </summary>
internal sealed class AppWriter : IAsyncDisposable
{
    private readonly Channel<Work> _queue = Channel.CreateUnbounded<Work>(new UnboundedChannelOptions { SingleReader = true });
    private readonly AppId _id;
    private readonly IJournal _journal;
    private readonly AppEventCodec _codec;
    private readonly TimeProvider _time;
    private readonly Action<App, ImmutableArray<AppEvent>, EventOrigin> _recorded;
    private readonly Task _loop;
    private long _version;
    private App? _app;

    /// <param name="id">The app.</param>
    /// <param name="replayed">The fold of the stream so far; null for a new app.</param>
    /// <param name="version">The version of the stream so far.</param>
    /// <param name="journal">Where decisions become durable.</param>
    /// <param name="codec">Turns decisions into journal events.</param>
    /// <param name="time">The clock.</param>
    /// <param name="recorded">Called on the loop after each durable append, with the new snapshot. Must be quick.</param>
    public AppWriter(AppId id, App? replayed, long version, IJournal journal, AppEventCodec codec, TimeProvider time, Action<App, ImmutableArray<AppEvent>, EventOrigin> recorded)
    {
        (_id, _app, _version, _journal, _codec, _time, _recorded) = (id, replayed, version, journal, codec, time, recorded);
        _loop = Task.Run(RunAsync);
    }

    /// <summary>The newest snapshot.</summary>
    /// <exception cref="InvalidOperationException">The app has not been created yet.</exception>
    public App App => Volatile.Read(ref _app) ?? throw new InvalidOperationException($"App {_id} has not been created.");

    /// <summary>Decides and records. When this returns without a refusal the decision is durable.</summary>
    /// <returns>The snapshot after the decision, with the events that it recorded (none if the command changed nothing).</returns>
    public async Task<Outcome<Recorded>> ExecuteAsync(Actor actor, AppCommand command, Guid commandId)
    {
        var work = new Work(actor, command, commandId);
        if (!_queue.Writer.TryWrite(work))
        {
            return new Refusal(RefusalCode.NotFound, "Couldn't find that app.");
        }

        return await work.Done.Task;
    }

    public async ValueTask DisposeAsync()
    {
        _queue.Writer.TryComplete();
        await _loop;
    }

    private async Task RunAsync()
    {
        await foreach (var work in _queue.Reader.ReadAllAsync())
        {
            try
            {
                work.Done.SetResult(await CarryOutAsync(work));
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // A journal that cannot append fails this one command; its caller is told, and the next may succeed.
                work.Done.SetException(exception);
            }
        }
    }

    private async Task<Outcome<Recorded>> CarryOutAsync(Work work)
    {
        var decision = ReleaseLedger.Decide(_app, work.Command);
        if (decision.Refusal is { } refusal)
        {
            return refusal;
        }

        if (decision.Events.IsEmpty)
        {
            return new Recorded(App, []);
        }

        var origin = new EventOrigin(work.Actor, _time.GetUtcNow());
        var result = await AppendAsync([.. decision.Events.Select(e => _codec.Encode(_id, e, origin, work.CommandId))]);
        if (!result.Succeeded)
        {
            throw new InvalidOperationException($"The stream of app {_id} is at version {result.Version}, not {_version}: another host writes to the same journal.");
        }

        _version = result.Version;
        var app = decision.Events.Aggregate(_app, (state, e) => ReleaseLedger.Apply(state, e, origin))!;
        Volatile.Write(ref _app, app);
        _recorded(app, decision.Events, origin);
        return new Recorded(app, decision.Events);
    }

    private async Task<AppendResult> AppendAsync(JournalEvent[] events)
    {
        try
        {
            return await _journal.AppendAsync(StreamName.Of(_id), _version, events);
        }
        catch (Exception exception) when (exception is not OutOfMemoryException)
        {
            // The journal may have taken the events before it failed. What stands in it decides, not what it said.
            var taken = 0;
            await foreach (var recorded in _journal.ReadAsync(StreamName.Of(_id), _version + 1))
            {
                taken += recorded.Event.CommandId == events[0].CommandId ? 1 : 0;
            }

            if (taken == events.Length)
            {
                return new AppendResult(true, _version + taken);
            }

            throw;
        }
    }

    private sealed record Work(Actor Actor, AppCommand Command, Guid CommandId)
    {
        public TaskCompletionSource<Outcome<Recorded>> Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

/// <summary>A decision that is durable.</summary>
/// <param name="App">The snapshot after it.</param>
/// <param name="Events">What it recorded; empty if the command changed nothing.</param>
internal sealed record Recorded(App App, ImmutableArray<AppEvent> Events)
{
    /// <summary>The release that the command made, if it made one.</summary>
    public Release? Release => Events.OfType<AppEvent.ReleaseCreated>().LastOrDefault() is { } made ? App.Find(made.Version) : null;
}
