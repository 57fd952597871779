using System.Collections.Immutable;

namespace PaaS.Runtime;

/// <summary>Why the state of a dyno changes, as people see it.</summary>
internal enum DynoTurn
{
    /// <summary>It is started: for the first time, by its back-off, or because somebody woke it.</summary>
    Start,

    /// <summary>It is ready.</summary>
    Rise,

    /// <summary>Its command has ended or was killed, or could not be started.</summary>
    End,

    /// <summary>Another start takes its place: restart, release, cycling.</summary>
    Replace,

    /// <summary>It is stopped, or no longer of the formation.</summary>
    Stop,

    /// <summary>It goes to sleep.</summary>
    Sleep,
}

/// <summary>
/// The state of a dyno as people see it (<c>heroku ps</c>, <c>State changed from up to crashed</c>), as a table. A place of the
/// formation has one state over all its starts; it changes when <see cref="DynoLifecycle"/> says <see cref="DynoAction.Rise"/>
/// or <see cref="DynoAction.End"/>, and when somebody starts, replaces, stops or sends it to sleep.
/// </summary>
internal static class DynoStates
{
    public static ImmutableArray<DynoState> All { get; } = [.. Enum.GetValues<DynoState>()];

    public static ImmutableArray<DynoTurn> Turns { get; } = [.. Enum.GetValues<DynoTurn>()];

    /// <summary>The next state; the same one where a turn means nothing.</summary>
    public static DynoState Next(DynoKind kind, DynoState state, DynoTurn turn) => (state, turn) switch
    {
        (DynoState.Complete, _) => DynoState.Complete,
        (DynoState.Down or DynoState.Crashed or DynoState.Idle, DynoTurn.Start) => kind == DynoKind.OneOff ? state : DynoState.Starting,
        (DynoState.Starting or DynoState.Up, DynoTurn.Start) => state,
        (DynoState.Starting, DynoTurn.Rise) => DynoState.Up,
        (DynoState.Up or DynoState.Crashed or DynoState.Idle or DynoState.Down, DynoTurn.Rise) => state,
        (DynoState.Up, DynoTurn.End) => kind == DynoKind.OneOff ? DynoState.Complete : DynoState.Crashed,
        (DynoState.Starting, DynoTurn.End) => DynoState.Crashed,
        (DynoState.Crashed or DynoState.Idle or DynoState.Down, DynoTurn.End) => state,
        (_, DynoTurn.Replace) => kind == DynoKind.OneOff ? state : DynoState.Starting,
        (_, DynoTurn.Stop) => DynoState.Down,
        (_, DynoTurn.Sleep) => kind == DynoKind.OneOff ? state : DynoState.Idle,
        _ => throw new ArgumentOutOfRangeException(nameof(state), $"There is no rule for {turn} in the state {state}."),
    };

    /// <summary>The state in the words of the log and the API. A sleeping dyno is down to the log, as Heroku has it.</summary>
    public static string Word(DynoState state) => state switch
    {
        DynoState.Starting => "starting",
        DynoState.Up => "up",
        DynoState.Crashed => "crashed",
        DynoState.Complete => "complete",
        _ => "down",
    };
}
