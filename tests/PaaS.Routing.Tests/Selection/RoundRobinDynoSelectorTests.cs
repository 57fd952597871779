namespace PaaS.Routing.Tests;

public class RoundRobinDynoSelectorTests
{
    private readonly RoundRobinDynoSelector _selector = new();
    private readonly DynoEndpoint[] _dynos = SomeDynos.Of(3);

    [Fact]
    public void Dynos_come_in_turn() => Assert.Equal([1, 2, 3, 1, 2, 3, 1], Ports(OfAnApp(), 7));

    [Fact]
    public void Apps_whose_requests_alternate_still_meet_all_their_dynos()
    {
        var (one, other) = (OfAnApp(), OfAnApp());
        var pairs = Enumerable.Range(0, 6).Select(_ => (Ports(one, 1)[0], Ports(other, 1)[0]));

        Assert.Equal([(1, 1), (2, 2), (3, 3), (1, 1), (2, 2), (3, 3)], pairs);
    }

    [Fact]
    public async Task Many_threads_together_give_every_dyno_the_same()
    {
        var facts = OfAnApp();

        var ports = await Task.WhenAll(Enumerable.Range(0, 3).Select(_ => Task.Run(() => Ports(facts, 1000))));

        Assert.All(ports.SelectMany(port => port).CountBy(port => port), port => Assert.Equal(1000, port.Value));
    }

    [Fact]
    public void More_apps_than_it_remembers_do_no_harm()
    {
        for (var i = 0; i < 10_050; i++)
        {
            Assert.Equal([1, 2], Ports(OfAnApp(), 2));
        }
    }

    private List<int> Ports(RequestFacts facts, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => _selector.Choose(_dynos, new RequestView(facts, default))!.Address.Port)];

    private RequestFacts OfAnApp() => new()
    {
        Route = new AppRoute(new AppId(Guid.NewGuid()), AppName.Parse("demo"), [], WebState.Up, [.. _dynos], new LogStream(capacity: 1)),
    };
}
