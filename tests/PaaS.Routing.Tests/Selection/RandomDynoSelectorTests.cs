namespace PaaS.Routing.Tests;

/// <summary>That the choice is random: the chance of counts as uneven as those seen, and of counts as even, is never below one in a thousand.</summary>
public class RandomDynoSelectorTests
{
    private static readonly int Draws = Size.Of(50_000, 10_000_000);
    private readonly RandomDynoSelector _selector = new(Random.Shared);

    [Fact]
    public void Every_dyno_is_as_likely_as_any_other_for_2_to_100_dynos()
    {
        for (var count = 2; count <= 100; count++)
        {
            var dynos = SomeDynos.Of(count);
            IsRandom(() =>
            {
                var counts = new int[dynos.Length];
                for (var i = 0; i < Draws; i++)
                {
                    counts[_selector.Choose(dynos, default)!.Address.Port - 1]++;
                }

                return ChiSquare.Survival(ChiSquare.Of(counts), dynos.Length - 1);
            });
        }
    }

    [Fact]
    public void Draws_do_not_depend_on_the_draw_before()
    {
        var dynos = SomeDynos.Of(10);
        IsRandom(() =>
        {
            var pairs = new int[100];
            var last = 0;
            for (var i = 0; i < Draws; i++)
            {
                var next = _selector.Choose(dynos, default)!.Address.Port - 1;
                pairs[(last * 10) + next]++;
                last = next;
            }

            return ChiSquare.Survival(ChiSquare.Of(pairs), 99);
        });
    }

    /// <summary>Two lanes draw from whatever snapshot the table has, while a third thread adds and removes dynos. Within each snapshot every dyno is as likely.</summary>
    [Fact]
    public void Every_dyno_is_as_likely_as_any_other_while_dynos_come_and_go() => IsRandom(() =>
    {
        var snapshots = DrawWhileDynosComeAndGo(changes: Size.Of(40, 1000));
        return ChiSquare.Survival(snapshots.Sum(counts => ChiSquare.Of(counts)), snapshots.Sum(counts => counts.Length - 1));
    });

    /// <summary>The test itself: one dyno in two that is drawn one time in a hundred too often is seen.</summary>
    [Fact]
    public void A_choice_that_is_a_little_uneven_would_be_seen()
    {
        var counts = new int[2];
        for (var i = 0; i < 1_000_000; i++)
        {
            counts[Random.Shared.Next(1000) < 505 ? 0 : 1]++;
        }

        Assert.InRange(ChiSquare.Survival(ChiSquare.Of(counts), 1), 0, 0.001);
    }

    [Fact]
    public void There_is_nothing_to_choose_from_nothing() => Assert.Null(_selector.Choose([], default));

    [Fact]
    public void Choosing_allocates_nothing()
    {
        var dynos = SomeDynos.Of(10);
        IDynoSelector[] selectors = [_selector, new TwoChoicesDynoSelector(Random.Shared), new LeastRequestsDynoSelector(Random.Shared)];
        foreach (var selector in selectors)
        {
            selector.Choose(dynos, default);

            var before = GC.GetAllocatedBytesForCurrentThread();
            for (var i = 0; i < 10_000; i++)
            {
                selector.Choose(dynos, default);
            }

            Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
        }
    }

    /// <summary>A chance beyond the bounds comes up once in 500 tries by itself; three in a row do not. What is uneven is so every time.</summary>
    internal static void IsRandom(Func<double> chance)
    {
        var chances = new List<double>();
        do
        {
            chances.Add(chance());
        }
        while (chances[^1] is <= 0.001 or >= 0.999 && chances.Count < 3);

        Assert.True(chances[^1] is > 0.001 and < 0.999, $"Not random: p = {string.Join(", ", chances)}.");
    }

    /// <returns>For each snapshot how often each of its dynos was drawn, if there were enough draws to tell.</returns>
    private List<int[]> DrawWhileDynosComeAndGo(int changes)
    {
        var table = new RouteTable();
        var all = SomeDynos.Of(100);
        var route = new AppRoute(new AppId(Guid.NewGuid()), AppName.Parse("demo"), ["demo.test"], WebState.Up, [.. all[..10]], new LogStream());
        table.Set(route);
        var drawn = 0L;
        using var stop = new CancellationTokenSource();
        var lanes = Enumerable.Range(0, 2).Select(_ => Task.Factory.StartNew(Lane, TaskCreationOptions.LongRunning)).ToArray();
        for (var change = 0; change < changes; change++)
        {
            var wanted = Volatile.Read(ref drawn) + (Draws / changes);
            Assert.True(SpinWait.SpinUntil(() => Volatile.Read(ref drawn) >= wanted, TimeSpan.FromMinutes(2)), "The lanes do not draw.");
            Random.Shared.Shuffle(all);
            table.Set(route with { Endpoints = [.. all[..Random.Shared.Next(2, 101)]] });
        }

        stop.Cancel();
        var snapshots = lanes.SelectMany(lane => lane.Result).GroupBy(seen => seen.Key, seen => seen.Value, ReferenceEqualityComparer.Instance)
            .Select(seen => seen.Aggregate((one, other) => [.. one.Zip(other, (a, b) => a + b)]))
            .Where(counts => counts.Sum() >= 5 * counts.Length).ToList();
        Assert.InRange(snapshots.Count, changes / 2, changes + 1);
        return snapshots;

        List<KeyValuePair<AppRoute, int[]>> Lane()
        {
            var seen = new Dictionary<AppRoute, int[]>(ReferenceEqualityComparer.Instance);
            while (!stop.IsCancellationRequested)
            {
                var now = table.Find("demo.test")!;
                if (!seen.TryGetValue(now, out var counts))
                {
                    seen[now] = counts = new int[now.Endpoints.Length];
                }

                for (var i = 0; i < 20; i++)
                {
                    counts[now.Endpoints.IndexOf(_selector.Choose(now.Endpoints.AsSpan(), default)!)]++;
                }

                Interlocked.Add(ref drawn, 20);
            }

            return [.. seen];
        }
    }
}
