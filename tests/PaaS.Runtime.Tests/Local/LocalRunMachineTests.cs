namespace PaaS.Runtime.Tests;

public sealed class LocalRunMachineTests
{
    [Theory]
    [InlineData(0, ProcessSignal.Interrupt)]
    [InlineData(3, ProcessSignal.Interrupt)]
    [InlineData(143, ProcessSignal.Terminate)]
    [InlineData(129, ProcessSignal.HangUp)]
    [InlineData(137, ProcessSignal.Interrupt)]
    public void When_one_ends_all_get_its_signal_or_SIGINT_and_its_status_is_the_exit_code(int status, ProcessSignal signal)
    {
        var run = new Run(3).Up();

        var effects = run.Step(new LocalRunMessage.Exited(1, status));

        Assert.Equal(
            [new LocalRunEffect.SayExit(1, status), new LocalRunEffect.SayStop(signal), .. Enumerable.Range(0, 3).Select(i => new LocalRunEffect.Signal(i, signal)), new LocalRunEffect.StartGrace()],
            effects);
        Assert.Equal(status, run.State.ExitCode);

        run.Step(new LocalRunMessage.Exited(0, 99));
        Assert.Equal(status, run.State.ExitCode);
    }

    [Fact]
    public void A_stop_that_was_asked_for_ends_with_0_and_a_second_one_kills()
    {
        var run = new Run(2).Up();

        Assert.Contains(new LocalRunEffect.Signal(1, ProcessSignal.Terminate), run.Step(new LocalRunMessage.StopAsked(ProcessSignal.Terminate)));
        Assert.Equal(0, run.State.ExitCode);

        Assert.Equal([new LocalRunEffect.Kill(0), new LocalRunEffect.Kill(1)], run.Step(new LocalRunMessage.StopAsked(ProcessSignal.Interrupt)));
        Assert.Equal(130, run.State.ExitCode);
    }

    [Fact]
    public void After_the_grace_only_what_is_left_is_killed()
    {
        var run = new Run(3).Up();
        run.Step(new LocalRunMessage.Exited(0, 7));
        run.Step(new LocalRunMessage.TreeGone(0));
        run.Step(new LocalRunMessage.Exited(1, 0));

        Assert.Equal([new LocalRunEffect.Kill(1), new LocalRunEffect.Kill(2)], run.Step(new LocalRunMessage.GraceOver()));
        Assert.Equal(7, run.State.ExitCode);
        Assert.Empty(run.Step(new LocalRunMessage.GraceOver()));
    }

    [Fact]
    public void One_that_starts_late_is_told_what_the_others_were_told()
    {
        var run = new Run(2);
        run.Step(new LocalRunMessage.Started(0));
        run.Step(new LocalRunMessage.StopAsked(ProcessSignal.Interrupt));

        Assert.Equal([new LocalRunEffect.Signal(1, ProcessSignal.Interrupt)], run.Step(new LocalRunMessage.Started(1)));

        var killed = new Run(2);
        killed.Step(new LocalRunMessage.StopAsked(ProcessSignal.Interrupt));
        killed.Step(new LocalRunMessage.StopAsked(ProcessSignal.Interrupt));

        Assert.Equal([new LocalRunEffect.Kill(0)], killed.Step(new LocalRunMessage.Started(0)));
    }

    [Fact]
    public void One_that_cannot_start_ends_the_others_with_1()
    {
        var run = new Run(2);
        run.Step(new LocalRunMessage.Started(0));

        var effects = run.Step(new LocalRunMessage.NotStarted(1, "no shell"));

        Assert.Equal(new LocalRunEffect.Warn("no shell"), effects[0]);
        Assert.Contains(new LocalRunEffect.Signal(0, ProcessSignal.Interrupt), effects);
        Assert.Equal(1, run.State.ExitCode);
    }

    [Fact]
    public void In_any_order_of_events_the_run_ends_nobody_is_killed_before_being_asked_and_none_after_it_is_gone()
    {
        var random = new Random(7);
        for (var schedule = 0; schedule < 10_000; schedule++)
        {
            var run = new Run(random.Next(1, 5));
            var grace = false;
            for (var step = 0; !run.State.IsOver; step++)
            {
                Assert.True(step < 1000, "the run does not end");
                foreach (var effect in run.Step(Next(run.State, random, grace)))
                {
                    grace |= effect is LocalRunEffect.StartGrace;
                    if (Target(effect) is { } index)
                    {
                        Assert.Contains(run.State.Processes[index], new[] { LocalProcessState.Running, LocalProcessState.Ended });
                        Assert.True(effect is LocalRunEffect.Signal || run.State.Phase == LocalRunPhase.Killing);
                    }

                    // Whoever was there when the killing began had been asked before.
                    Assert.True(effect is not LocalRunEffect.Kill kill || grace || run.Asked.Contains(kill.Index));
                }
            }

            Assert.True(run.State.Phase != LocalRunPhase.Running);
        }
    }

    private static int? Target(LocalRunEffect effect) => effect switch
    {
        LocalRunEffect.Signal signal => signal.Index,
        LocalRunEffect.Kill kill => kill.Index,
        _ => null,
    };

    /// <summary>Something that can happen now.</summary>
    private static LocalRunMessage Next(LocalRunState state, Random random, bool grace)
    {
        var index = random.Next(state.Processes.Length);
        return (random.Next(20), state.Processes[index]) switch
        {
            (0, _) => new LocalRunMessage.StopAsked(ProcessSignal.Interrupt),
            (1, _) when grace => new LocalRunMessage.GraceOver(),
            (2, _) => new LocalRunMessage.OutputLost("closed"),
            (3, LocalProcessState.Waiting) => new LocalRunMessage.NotStarted(index, "why"),
            (4, LocalProcessState.Waiting) when state.Phase != LocalRunPhase.Running => new LocalRunMessage.LeftOut(index),
            (_, LocalProcessState.Waiting) => new LocalRunMessage.Started(index),
            (_, LocalProcessState.Running) => new LocalRunMessage.Exited(index, random.Next(150)),
            (_, LocalProcessState.Ended) when state.Phase != LocalRunPhase.Running => new LocalRunMessage.TreeGone(index),
            _ => new LocalRunMessage.GraceOver(),
        };
    }

    private sealed class Run(int processes)
    {
        public LocalRunState State { get; private set; } = LocalRunState.Of(processes);

        /// <summary>Who has been sent a signal.</summary>
        public HashSet<int> Asked { get; } = [];

        public Run Up()
        {
            for (var i = 0; i < State.Processes.Length; i++)
            {
                Assert.Empty(Step(new LocalRunMessage.Started(i)));
            }

            return this;
        }

        public LocalRunEffect[] Step(LocalRunMessage message)
        {
            (State, var effects) = LocalRunMachine.Step(State, message);
            Asked.UnionWith(effects.OfType<LocalRunEffect.Signal>().Select(static signal => signal.Index));
            return [.. effects];
        }
    }
}
