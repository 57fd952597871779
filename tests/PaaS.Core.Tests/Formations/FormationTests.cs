namespace PaaS.Core.Tests;

public class FormationTests
{
    private static readonly ProcessType Clock = ProcessType.Parse("clock");

    private static readonly Formation Two = Formation.Empty.With(ProcessType.Worker, 3, DynoSize.Standard2X).With(ProcessType.Web, 2);

    [Fact]
    public void A_formation_is_sorted_by_type_and_counts_its_dynos()
    {
        Assert.Equal("web=2:Standard-1X worker=3:Standard-2X", Two.ToString());
        Assert.Equal((2, 5), (Two.Count, Two.Total));
        Assert.True(Two.TryGet(ProcessType.Worker, out var worker));
        Assert.Equal(new FormationEntry(ProcessType.Worker, 3, DynoSize.Standard2X), worker);
        Assert.False(Two.TryGet(Clock, out _));
    }

    [Fact]
    public void Scaling_keeps_the_size_unless_it_is_named()
    {
        Assert.Equal("web=2:Standard-1X worker=1:Standard-2X", Two.With(ProcessType.Worker, 1).ToString());
        Assert.Equal("web=2:Standard-1X worker=1:Basic", Two.With(ProcessType.Worker, 1, DynoSize.Basic).ToString());
        Assert.Equal("web=2:Standard-1X worker=3:Standard-2X", Two.ToString());
    }

    [Fact]
    public void Formations_are_equal_if_their_entries_are()
    {
        var same = Formation.Empty.With(ProcessType.Web, 2).With(ProcessType.Worker, 3, DynoSize.Standard2X);

        Assert.Equal(Two, same);
        Assert.Equal(Two.GetHashCode(), same.GetHashCode());
        Assert.NotEqual(Two, same.With(ProcessType.Web, 1));
    }

    [Theory]
    [InlineData("web", -1, "use 0 to 100")]
    [InlineData("web", 101, "use 0 to 100")]
    [InlineData("web", int.MaxValue, "use 0 to 100")]
    [InlineData("web", 98, "makes 101 dynos; an app has at most 100")]
    [InlineData("release", 1, "cannot be scaled")]
    public void A_wish_beyond_the_limits_is_refused_with_the_reason(string type, int quantity, string reason)
    {
        Assert.False(Two.TryWith(ProcessType.Parse(type), quantity, null, out var result, out var problem));
        Assert.Null(result);
        Assert.Contains(reason, problem, StringComparison.Ordinal);
    }

    [Fact]
    public void A_hundred_dynos_are_allowed()
    {
        Assert.True(Two.TryWith(ProcessType.Web, 97, null, out var result, out _));
        Assert.Equal(100, result.Total);
    }

    [Fact]
    public void Several_changes_are_judged_by_their_outcome()
    {
        Assert.True(Formation.Empty.TryWith(ProcessType.Web, 100, null, out var full, out _));

        Assert.True(full.TryWith([new(ProcessType.Worker, 60, default), new(ProcessType.Web, 40, default)], out var result, out _));
        Assert.Equal("web=40:Standard-1X worker=60:Standard-1X", result.ToString());
        Assert.False(full.TryWith([new(ProcessType.Worker, 60, default), new(ProcessType.Web, 41, default)], out _, out _));
    }

    [Fact]
    public void What_was_decided_is_carried_out_in_any_order_and_may_then_shrink()
    {
        var over = Formation.Empty.With(ProcessType.Web, 100).With(ProcessType.Worker, 50);

        Assert.Equal(150, over.Total);
        Assert.True(over.TryWith(ProcessType.Worker, 10, null, out var smaller, out _));
        Assert.Equal(110, smaller.Total);
        Assert.Throws<ArgumentOutOfRangeException>(() => over.With(ProcessType.Web, 101));
        Assert.Throws<ArgumentOutOfRangeException>(() => over.With(ProcessType.Web, -1));
        Assert.Throws<ArgumentException>(() => over.With(ProcessType.Release, 1));
        Assert.Throws<ArgumentException>(() => over.With(default, 1));
    }

    [Fact]
    public void The_first_deploy_gets_one_web_dyno()
    {
        var formation = Formation.Empty.Adopt([ProcessType.Worker, ProcessType.Release, ProcessType.Web], firstDeploy: true);

        Assert.Equal("web=1:Standard-1X worker=0:Standard-1X", formation.ToString());
    }

    [Fact]
    public void A_later_deploy_keeps_quantities_adds_new_types_at_0_and_removes_those_that_vanished()
    {
        var formation = Formation.Empty.With(ProcessType.Worker, 3, DynoSize.Standard2X).With(Clock, 1).Adopt([ProcessType.Web, ProcessType.Worker], firstDeploy: false);

        Assert.Equal("web=0:Standard-1X worker=3:Standard-2X", formation.ToString());
        Assert.Same(formation, formation.Adopt([ProcessType.Worker, ProcessType.Web], firstDeploy: true));
    }
}
