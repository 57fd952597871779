using System.Net;

namespace PaaS.Routing.Tests;

public class RandomDynoSelectorTests
{
    [Theory]
    [InlineData(2, 1)]
    [InlineData(3, 2)]
    [InlineData(7, 3)]
    [InlineData(100, 4)]
    public void Every_dyno_is_as_likely_as_any_other(int dynos, int seed)
    {
        const int Draws = 1_000_000;
        var candidates = Dynos(dynos);
        var counts = new int[dynos];
        var selector = new RandomDynoSelector(new Random(seed));

        for (var i = 0; i < Draws; i++)
        {
            counts[selector.Choose(candidates, default)!.Address.Port - 1]++;
        }

        // Chi-square with dynos-1 degrees of freedom: mean k, standard deviation sqrt(2k); five of them are beyond chance.
        var expected = (double)Draws / dynos;
        var chiSquare = counts.Sum(count => (count - expected) * (count - expected) / expected);
        Assert.InRange(chiSquare, 0, dynos - 1 + (5 * Math.Sqrt(2.0 * (dynos - 1))));
    }

    [Fact]
    public void Draws_do_not_depend_on_the_draw_before()
    {
        const int Draws = 1_000_000;
        var candidates = Dynos(4);
        var selector = new RandomDynoSelector(new Random(5));
        var pairs = new int[16];
        var last = 0;

        for (var i = 0; i < Draws; i++)
        {
            var next = selector.Choose(candidates, default)!.Address.Port - 1;
            pairs[(last * 4) + next]++;
            last = next;
        }

        var chiSquare = pairs.Sum(count => (count - (Draws / 16.0)) * (count - (Draws / 16.0)) / (Draws / 16.0));
        Assert.InRange(chiSquare, 0, 15 + (5 * Math.Sqrt(30)));
    }

    [Fact]
    public void There_is_nothing_to_choose_from_nothing() => Assert.Null(new RandomDynoSelector(Random.Shared).Choose([], default));

    [Fact]
    public void Choosing_allocates_nothing()
    {
        var candidates = Dynos(10);
        var selector = new RandomDynoSelector(Random.Shared);
        selector.Choose(candidates, default);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 10_000; i++)
        {
            selector.Choose(candidates, default);
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    private static DynoEndpoint[] Dynos(int count) =>
        [.. Enumerable.Range(1, count).Select(i => new DynoEndpoint(DynoName.Parse($"web.{i}"), new IPEndPoint(IPAddress.Loopback, i)))];
}
