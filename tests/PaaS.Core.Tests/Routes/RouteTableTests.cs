using System.Net;

namespace PaaS.Core.Tests;

public class RouteTableTests
{
    private readonly RouteTable _table = new();

    [Fact]
    public void An_exact_name_comes_before_a_wildcard_and_the_closest_wildcard_before_the_others()
    {
        var exact = Set("exact", "www.b.example.com");
        var close = Set("close", "*.b.example.com");
        var wide = Set("wide", "*.example.com", "example.com");

        Assert.Same(exact, _table.Find("www.b.example.com"));
        Assert.Same(close, _table.Find("api.b.example.com"));
        Assert.Same(close, _table.Find("a.very.deep.name.b.example.com"));
        Assert.Same(wide, _table.Find("b.example.com"));
        Assert.Same(wide, _table.Find("api.c.example.com"));
        Assert.Same(wide, _table.Find("example.com"));
    }

    [Fact]
    public void A_wildcard_does_not_cover_its_own_name_nor_one_that_only_ends_like_it()
    {
        Set("wide", "*.example.com");

        Assert.Null(_table.Find("example.com"));
        Assert.Null(_table.Find("notexample.com"));
        Assert.Null(_table.Find("com"));
        Assert.Null(_table.Find(string.Empty));
    }

    [Theory]
    [InlineData(".")]
    [InlineData("..")]
    [InlineData("a..")]
    [InlineData("*.")]
    [InlineData(".example.org")]
    [InlineData("*.example.org")]
    public void Odd_names_find_nothing_and_do_no_harm(string name)
    {
        Set("wide", "*.example.com");

        Assert.Null(_table.Find(name));
    }

    [Fact]
    public void A_name_longer_than_any_in_the_DNS_meets_no_wildcard()
    {
        var wide = Set("wide", "*.example.com");

        Assert.Same(wide, _table.Find(Long(255)));
        Assert.Null(_table.Find(Long(256)));

        static string Long(int length) => new string('a', length - ".example.com".Length) + ".example.com";
    }

    [Fact]
    public void A_name_that_is_not_a_string_is_found_as_well_and_without_an_allocation()
    {
        var one = Set("one", "www.example.com");
        var wide = Set("wide", "*.example.com");
        var text = "xwww.example.com/api.example.com:80".ToCharArray();
        Assert.Same(one, _table.Find(text.AsSpan(1, 15)));
        Assert.Same(wide, _table.Find(text.AsSpan(17, 15)));

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var i = 0; i < 1000; i++)
        {
            _table.Find(text.AsSpan(1, 15));
            _table.Find(text.AsSpan(17, 15));
        }

        Assert.Equal(before, GC.GetAllocatedBytesForCurrentThread());
    }

    [Fact]
    public void A_table_of_an_embedder_that_knows_strings_alone_can_be_asked_for_spans()
    {
        IRouteTable table = new StringsAlone(Set("one", "www.example.com"));

        Assert.NotNull(table.Find("www.example.com".AsSpan()));
        Assert.Null(table.Find("other.example.com".AsSpan()));
    }

    [Fact]
    public void Who_has_a_name_keeps_it_when_other_apps_claim_it()
    {
        var first = Set("first", "www.example.com");
        for (var i = 0; i < 20; i++)
        {
            Set($"other-{i}", "www.example.com", $"other-{i}.example.com");
            Assert.Equal(first.Name, _table.Find("www.example.com")!.Name);
        }

        _table.Set(first with { Web = WebState.Up });
        Assert.Equal(WebState.Up, _table.Find("www.example.com")!.Web);
        _table.Remove(first.App);
        Assert.StartsWith("other-", _table.Find("www.example.com")!.Name.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_wait_ends_with_the_change_of_its_app_and_not_with_that_of_another()
    {
        var one = Set("one", "one.example.com");
        var wait = _table.WaitForChangeAsync(one, CancellationToken.None).AsTask();

        Set("two", "two.example.com");
        Assert.False(wait.IsCompleted);
        _table.Set(one with { Web = WebState.Up });

        await wait.WaitAsync(TimeSpan.FromSeconds(10));
        await _table.WaitForChangeAsync(one, CancellationToken.None);
    }

    [Fact]
    public async Task Readers_always_see_a_whole_snapshot_while_the_table_changes()
    {
        var app = new AppId(Guid.NewGuid());
        Change(0);
        var done = false;
        var readers = Enumerable.Range(0, 2).Select(_ => Task.Run(() =>
        {
            while (!Volatile.Read(ref done))
            {
                var route = _table.Find("www.example.com")!;
                Assert.All(route.Endpoints, endpoint => Assert.Equal(route.Endpoints.Length, endpoint.Address.Port));
            }
        })).ToArray();

        for (var i = 1; i <= 500; i++)
        {
            Change(i % 7);
        }

        Volatile.Write(ref done, true);
        await Task.WhenAll(readers);

        void Change(int dynos) => _table.Set(new AppRoute(
            app, AppName.Parse("demo"), ["www.example.com"], WebState.Up, [.. Enumerable.Range(1, dynos).Select(i => new DynoEndpoint(DynoName.Parse($"web.{i}"), new IPEndPoint(IPAddress.Loopback, dynos)))], new LogStream(capacity: 1)));
    }

    private AppRoute Set(string name, params string[] hosts)
    {
        var route = new AppRoute(new AppId(Guid.NewGuid()), AppName.Parse(name), [.. hosts], WebState.None, [], new LogStream(capacity: 1));
        _table.Set(route);
        return route;
    }

    private sealed class StringsAlone(AppRoute route) : IRouteTable
    {
        public AppRoute? Find(string host) => route.Hosts.Contains(host) ? route : null;

        public ValueTask WaitForChangeAsync(AppRoute route, CancellationToken cancellationToken) => throw new NotSupportedException();
    }
}
