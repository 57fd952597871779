using System.Collections.Immutable;
using PaaS.Core;
using PaaS.Runtime;

namespace PaaS.Runtime.Tests;

/// <summary>
/// What surrounds the machine of one-off dynos, without threads: an engine whose dynos do what they are told one event at a
/// time, clients that come and go, a clock, timers. Every step is checked against the laws that hold whatever happens.
/// </summary>
internal sealed class OneOffWorld(OneOffOptions? options = null)
{
    private readonly SortedDictionary<(DateTimeOffset Due, long Order), OneOffTimer> _timers = [];
    private readonly RunningRelease _release = new(
        new(1),
        new Slug(SlugId.FromDigest(new byte[32]), 1, ImmutableSortedDictionary<ProcessType, string>.Empty, null, "Fake", Slug.DefaultStack),
        ConfigVars.Empty);
    private long _order;
    private long _operations;

    public OneOffState State { get; private set; } = new() { Options = options ?? new(), Supervision = new(), Seed = 1 };

    public DateTimeOffset Now { get; private set; } = new(2026, 11, 20, 15, 0, 0, TimeSpan.Zero);

    /// <summary>The platform's log without the dynos' names.</summary>
    public List<string> Lines { get; } = [];

    public SortedDictionary<long, WorldOneOff> Dynos { get; } = [];

    public List<string> Refusals { get; } = [];

    public Dictionary<long, bool> Stops { get; } = [];

    public List<OneOffTimer> CancelledTimers { get; } = [];

    public bool IsShutDown { get; private set; }

    public bool HasTimers => _timers.Count > 0;

    public WorldOneOff Start(DynoStreams streams = DynoStreams.Log, string type = "run", TimeSpan? life = null)
    {
        var before = Dynos.Count;
        TryStart(streams, type, life);
        Law(Dynos.Count == before + 1, "a start that is not refused is a dyno");
        return Dynos.Values.Last();
    }

    public void TryStart(DynoStreams streams, string type = "run", TimeSpan? life = null) => Tell(new OneOffMessage.Start(
        ++_operations,
        new OneOffSpec { Type = ProcessType.Parse(type), Release = _release, Command = "bash", Streams = streams, TimeToLive = life }));

    public void Stop(DynoSelector which) => Tell(new OneOffMessage.Stop(++_operations, which));

    public void ShutDown() => Tell(new OneOffMessage.Shutdown(null));

    public void Started(WorldOneOff dyno)
    {
        (dyno.IsLaunching, dyno.IsRunning) = (false, true);
        Tell(new OneOffMessage.Started(dyno.Number));
    }

    public void StartFailed(WorldOneOff dyno)
    {
        dyno.IsLaunching = false;
        Tell(new OneOffMessage.StartFailed(dyno.Number, "It could not be started."));
    }

    public void Exit(WorldOneOff dyno, int status = 0, ProcessExitReason reason = ProcessExitReason.Ended) => Exit(dyno, new ProcessExit(status, reason));

    public void Exit(WorldOneOff dyno, ProcessExit exit)
    {
        dyno.IsRunning = false;
        Tell(new OneOffMessage.Exited(dyno.Number, exit));
    }

    public void Attach(WorldOneOff dyno)
    {
        Law(dyno.MayAttach, "only a free place is taken");
        (dyno.MayAttach, dyno.IsAttached) = (false, true);
        Tell(new OneOffMessage.Attached(dyno.Number));
    }

    public void Leave(WorldOneOff dyno)
    {
        dyno.IsAttached = false;
        Tell(new OneOffMessage.ClientLost(dyno.Number));
    }

    /// <summary>Its client reads to the end of what it has written.</summary>
    public void ReadToEnd(WorldOneOff dyno)
    {
        dyno.IsRead = true;
        Tell(new OneOffMessage.Read(dyno.Number));
    }

    public void Removed(WorldOneOff dyno)
    {
        dyno.MayGo = false;
        Tell(new OneOffMessage.Removed(dyno.Number));
    }

    /// <summary>What may happen now if nothing goes wrong: starts succeed, signals are obeyed, clients read to the end.</summary>
    public IEnumerable<Action> Benign()
    {
        foreach (var dyno in Dynos.Values.ToArray())
        {
            if (dyno.IsLaunching)
            {
                yield return () => Started(dyno);
            }
            else if (dyno is { IsRunning: true, Signal: { } signal })
            {
                yield return () => Exit(dyno, 128 + (int)signal);
            }
            else if (dyno is { IsRunning: false, IsAttached: true, IsRead: false, IsGone: false })
            {
                yield return () => ReadToEnd(dyno);
            }
            else if (dyno.MayGo)
            {
                yield return () => Removed(dyno);
            }
        }
    }

    public void Settle()
    {
        while (Benign().FirstOrDefault() is { } next)
        {
            next();
        }
    }

    public void Advance(TimeSpan by)
    {
        var goal = Now + by;
        while (_timers.Count > 0 && _timers.First().Key.Due <= goal)
        {
            FireNext();
        }

        Now = goal;
    }

    public void FireNext(long? memoryBytes = null, int kills = 0)
    {
        var (key, timer) = _timers.First();
        _timers.Remove(key);
        Now = key.Due > Now ? key.Due : Now;
        var dyno = Dynos[timer.Run];
        if (timer.Kind == OneOffTimerKind.Attach)
        {
            if (!dyno.MayAttach)
            {
                return;
            }

            dyno.MayAttach = false;
        }

        dyno.MayBeKilled |= kills > 0 || memoryBytes >= 2 * DynoSize.Standard1X.MemoryBytes;
        Tell(new OneOffMessage.TimerFired(timer, dyno.LastByte, memoryBytes, kills));
    }

    public void Tell(OneOffMessage message)
    {
        var step = OneOffMachine.Step(State, message, Now);
        State = step.State;
        foreach (var effect in step.Effects)
        {
            CarryOut(effect);
        }

        var names = State.Runs.Values.Select(run => run.Name).ToArray();
        Law(names.Distinct().Count() == names.Length, "no two have a name");
        Law(names.All(name => name.Number is >= 1000 and <= 9999), "a number has four digits");
        Law(State.ToSnapshots().Count(dyno => dyno.Name.Type.ToString() == "run") <= State.Options.MaxRunning, "no more run than may");
    }

    private void CarryOut(OneOffEffect effect)
    {
        switch (effect)
        {
            case OneOffEffect.Accept accept:
                Dynos.Add(accept.Dyno.Number, new(accept.Dyno, Now));
                break;
            case OneOffEffect.Refuse refuse:
                Refusals.Add(refuse.Limit ?? "shut down");
                break;
            case OneOffEffect.StartDyno start:
                var starting = Dynos[start.Dyno.Number];
                Law(!starting.WasStarted, "nothing is started twice");
                starting.WasStarted = starting.IsLaunching = true;
                break;
            case OneOffEffect.CancelStart cancel:
                Law(Dynos[cancel.Run].IsLaunching, "only a start that is under way can be given up");
                break;
            case OneOffEffect.SignalAll signal:
                Signal(Dynos[signal.Run], signal.Signal);
                break;
            case OneOffEffect.KillTree kill:
                var killed = Dynos[kill.Run];
                Law(killed.Signals.Contains(ProcessSignal.Terminate) || killed.MayBeKilled, "SIGTERM comes before SIGKILL");
                killed.Signals.Add(ProcessSignal.Kill);
                break;
            case OneOffEffect.Disconnect disconnect:
                Law(Dynos[disconnect.Run].IsAttached, "only a client that is there is cut off");
                Dynos[disconnect.Run].IsAttached = false;
                break;
            case OneOffEffect.RemoveDyno remove:
                var removed = Dynos[remove.Run];
                Law(removed is { IsLaunching: false, IsRunning: false, MayGo: false, IsGone: false }, "only what has ended is removed, once");
                (removed.MayGo, removed.MayAttach) = (true, false);
                break;
            case OneOffEffect.SetTimer set:
                _timers.Add((Now + set.Due, ++_order), set.Timer);
                break;
            case OneOffEffect.CancelTimer cancel:
                foreach (var key in _timers.Where(timer => timer.Value == cancel.Timer).Select(timer => timer.Key).ToArray())
                {
                    _timers.Remove(key);
                    CancelledTimers.Add(cancel.Timer);
                }

                break;
            case OneOffEffect.WriteLog write:
                Lines.Add(write.Text);
                break;
            case OneOffEffect.Fail fail:
                var failed = Dynos[fail.Dyno.Number];
                Law(failed is { IsLaunching: true, Failure: null } && fail.Dyno is { Status: not null, Reason: not null }, "a start is given up once, while the engine is at it, and why is said");
                (failed.Failure, failed.MayAttach) = (fail.Dyno, false);
                break;
            case OneOffEffect.Complete complete:
                var gone = Dynos[complete.Dyno.Number];
                Law(gone is { IsLaunching: false, IsRunning: false, MayGo: false, IsGone: false }, "it completes once, when nothing is left");
                Law(complete.Dyno.Status is not null, "what is complete has a status");
                (gone.Result, gone.MayAttach) = (complete.Dyno, false);
                break;
            case OneOffEffect.AnswerStop answer:
                Stops.Add(answer.Operation, answer.IsAny);
                break;
            case OneOffEffect.CompleteShutdown:
                Law(!IsShutDown && Dynos.Values.All(dyno => dyno.IsGone), "a shutdown ends once, with nothing left");
                IsShutDown = true;
                break;
        }
    }

    private void Signal(WorldOneOff dyno, ProcessSignal signal)
    {
        Law(dyno is { IsLaunching: false }, "no signal for what has no process");
        if (signal == ProcessSignal.HangUp)
        {
            Law(dyno is { Run.Client: not OneOffClient.None, IsAttached: false, MayAttach: false }, "SIGHUP only when a client has gone");
            Law(dyno.Signals.TrueForAll(earlier => earlier == ProcessSignal.HangUp), "no SIGHUP after SIGTERM");
        }
        else
        {
            Law(signal == ProcessSignal.Terminate && !dyno.Signals.Contains(ProcessSignal.Terminate) && !dyno.Signals.Contains(ProcessSignal.Kill), "one SIGTERM, before any SIGKILL");
        }

        dyno.Signals.Add(signal);
    }

    private void Law(bool holds, string law)
    {
        if (!holds)
        {
            throw new InvalidOperationException($"Broken: {law}.\n{string.Join('\n', Lines.TakeLast(40))}");
        }
    }
}

/// <summary>One one-off dyno, as the engine and the client of a <see cref="OneOffWorld"/> have it.</summary>
internal sealed class WorldOneOff(OneOffRun run, DateTimeOffset now)
{
    public OneOffRun Run { get; } = run;

    public long Number => Run.Number;

    public bool WasStarted { get; set; }

    public bool IsLaunching { get; set; }

    public bool IsRunning { get; set; }

    public bool MayAttach { get; set; } = run.Client != OneOffClient.None;

    public bool IsAttached { get; set; }

    public bool IsRead { get; set; }

    public bool MayBeKilled { get; set; }

    public bool MayGo { get; set; }

    public bool IsGone => Result is not null;

    public DateTimeOffset LastByte { get; set; } = now;

    public List<ProcessSignal> Signals { get; } = [];

    /// <summary>The last signal it got.</summary>
    public ProcessSignal? Signal => Signals.Count == 0 ? null : Signals[^1];

    public OneOffRun? Result { get; set; }

    /// <summary>What was told when the engine took too long to start it.</summary>
    public OneOffRun? Failure { get; set; }
}
