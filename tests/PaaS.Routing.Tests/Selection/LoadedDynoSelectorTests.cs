namespace PaaS.Routing.Tests;

/// <summary>The choices that look at how much the dynos have to do.</summary>
public class LoadedDynoSelectorTests
{
    private const int Dynos = 100;
    private readonly DynoEndpoint[] _dynos = SomeDynos.Of(Dynos);

    [Fact]
    public void Of_two_choices_the_one_with_fewer_requests_is_taken()
    {
        var selector = new TwoChoicesDynoSelector(Random.Shared);
        var two = _dynos[..2];
        Assert.True(two[0].TryAcquire());

        for (var i = 0; i < 100; i++)
        {
            Assert.Same(two[1], selector.Choose(two, default));
        }
    }

    [Fact]
    public void The_two_are_always_different_so_the_busiest_dyno_is_never_taken()
    {
        var selector = new TwoChoicesDynoSelector(Random.Shared);
        Assert.True(_dynos[42].TryAcquire());

        for (var i = 0; i < 20_000; i++)
        {
            Assert.NotSame(_dynos[42], selector.Choose(_dynos, default));
        }
    }

    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(20)]
    public void Among_dynos_that_have_as_much_to_do_chance_decides(int count)
    {
        IDynoSelector[] selectors = [new TwoChoicesDynoSelector(Random.Shared), new LeastRequestsDynoSelector(Random.Shared)];
        foreach (var selector in selectors)
        {
            RandomDynoSelectorTests.IsRandom(() =>
            {
                var counts = new int[count];
                for (var i = 0; i < 50_000; i++)
                {
                    counts[selector.Choose(_dynos.AsSpan(0, count), default)!.Address.Port - 1]++;
                }

                return ChiSquare.Survival(ChiSquare.Of(counts), count - 1);
            });
        }
    }

    /// <summary>100 requests per dyno that all stay: by chance alone the busiest has about 125, with two choices 102 or so, with the fewest exactly 100.</summary>
    [Fact]
    public void Two_choices_keep_the_longest_queue_short_and_the_fewest_requests_keep_all_even()
    {
        Assert.InRange(Busiest(new RandomDynoSelector(Random.Shared)), 112, 160);
        Assert.InRange(Busiest(new TwoChoicesDynoSelector(Random.Shared)), 100, 105);
        Assert.Equal(100, Busiest(new LeastRequestsDynoSelector(Random.Shared)));
    }

    [Fact]
    public void There_is_nothing_to_choose_from_nothing_and_no_choice_with_one()
    {
        IDynoSelector[] selectors = [new TwoChoicesDynoSelector(Random.Shared), new LeastRequestsDynoSelector(Random.Shared), new RoundRobinDynoSelector()];
        foreach (var selector in selectors)
        {
            Assert.Null(selector.Choose([], default));
            Assert.Same(_dynos[0], selector.Choose(_dynos.AsSpan(0, 1), default));
        }
    }

    private static int Busiest(IDynoSelector selector)
    {
        var dynos = SomeDynos.Of(Dynos);
        for (var i = 0; i < 100 * Dynos; i++)
        {
            Assert.True(selector.Choose(dynos, default)!.TryAcquire());
        }

        return dynos.Max(dyno => dyno.InFlight);
    }
}
