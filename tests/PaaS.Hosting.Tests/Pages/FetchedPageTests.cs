using System.Text;
using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>A page of an app against a web that does what the test says.</summary>
public sealed class FetchedPageTests : IAsyncLifetime
{
    private const string Url = "https://pages.example/error.html";
    private readonly DirectoryInfo _directory = Directory.CreateTempSubdirectory("paas-pages-");
    private readonly ManualTimeProvider _time = new();
    private readonly LogStream _logs;
    private readonly List<FetchedPage> _pages = [];
    private Func<string, RoutePage> _web = static url => Page($"<h1>{url}</h1>");
    private int _fetches;
    private int _changes;

    public FetchedPageTests() => _logs = new LogStream(_time);

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        foreach (var page in _pages)
        {
            await page.DisposeAsync();
        }

        _directory.Delete(recursive: true);
    }

    [Fact]
    public async Task A_page_is_fetched_when_its_config_var_is_set_and_gone_at_once_when_it_is_not()
    {
        var page = Start();
        Assert.Null(page.Page);

        page.Follow(Url);
        await Eventually.IsTrueAsync(() => _changes == 1);
        Assert.Equal($"<h1>{Url}</h1>", TextOf(page));
        Assert.Equal(["ERROR_PAGE_URL: fetched a page of 41 bytes, text/html"], Lines());

        page.Follow(null);
        Assert.Null(page.Page);
    }

    [Fact]
    public async Task A_page_is_fetched_again_every_five_minutes_and_only_what_is_new_is_told()
    {
        var page = Start();
        page.Follow(Url);
        await Waits(TimeSpan.FromMinutes(5));

        _time.Advance(TimeSpan.FromMinutes(5));
        await Eventually.IsTrueAsync(() => _fetches == 2);
        await Waits(TimeSpan.FromMinutes(5));
        Assert.Single(Lines());
        Assert.Equal(1, _changes);

        _web = static _ => Page("<h1>new</h1>");
        _time.Advance(TimeSpan.FromMinutes(5));
        await Eventually.IsTrueAsync(() => _changes == 2);
        Assert.Equal("<h1>new</h1>", TextOf(page));
        Assert.Equal(2, Lines().Count);
    }

    [Fact]
    public async Task What_cannot_be_fetched_any_more_leaves_the_last_good_copy_is_told_once_and_tried_again()
    {
        var page = Start();
        page.Follow(Url);
        await Waits(TimeSpan.FromMinutes(5));
        _web = static _ => throw new OutboundException(OutboundFailure.BadAnswer, "'pages.example' answered with status 500 instead of the file.");

        _time.Advance(TimeSpan.FromMinutes(5));
        foreach (var retry in new[] { 30, 60, 120, 240, 300, 300 })
        {
            await Waits(TimeSpan.FromSeconds(retry));
            _time.Advance(TimeSpan.FromSeconds(retry));
        }

        await Waits(TimeSpan.FromMinutes(5));
        Assert.Equal($"<h1>{Url}</h1>", TextOf(page));
        Assert.Equal(
            "ERROR_PAGE_URL: 'pages.example' answered with status 500 instead of the file. The last good copy is shown until the page can be fetched.",
            Assert.Single(Lines().Skip(1)));

        _web = static url => Page($"<h1>{url}</h1>");
        _time.Advance(TimeSpan.FromMinutes(5));
        await Eventually.IsTrueAsync(() => Lines().Count == 3);
        Assert.StartsWith("ERROR_PAGE_URL: fetched", Lines()[^1], StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_page_that_was_never_there_leaves_the_routers_own()
    {
        _web = static _ => throw new OutboundException(OutboundFailure.Refused, "Only https URLs are fetched.");
        var page = Start();

        page.Follow("http://pages.example/");

        await Eventually.IsTrueAsync(() => Lines().Count == 1);
        Assert.Equal("ERROR_PAGE_URL: Only https URLs are fetched. The router's own page is shown until the page can be fetched.", Lines()[0]);
        Assert.Null(page.Page);
        Assert.Equal(0, _changes);
    }

    [Fact]
    public async Task Another_URL_is_fetched_at_once_and_the_page_of_the_old_one_is_shown_until_then()
    {
        var page = Start();
        page.Follow(Url);
        await Eventually.IsTrueAsync(() => _changes == 1);
        using var arrived = new ManualResetEventSlim();
        _web = _ =>
        {
            arrived.Wait(Eventually.Deadline);
            return Page("<h1>other</h1>");
        };

        page.Follow("https://pages.example/other.html");
        await Eventually.IsTrueAsync(() => _fetches == 2);
        Assert.Equal($"<h1>{Url}</h1>", TextOf(page));
        arrived.Set();

        await Eventually.IsTrueAsync(() => _changes == 2);
        Assert.Equal("<h1>other</h1>", TextOf(page));
    }

    [Fact]
    public async Task A_page_that_is_no_longer_wanted_when_it_arrives_is_not_shown()
    {
        using var arrived = new ManualResetEventSlim();
        _web = _ =>
        {
            arrived.Wait(Eventually.Deadline);
            return Page("<h1>late</h1>");
        };
        var page = Start();
        page.Follow(Url);
        await Eventually.IsTrueAsync(() => _fetches == 1);

        page.Follow(null);
        arrived.Set();
        await page.DisposeAsync();

        Assert.Null(page.Page);
        Assert.Equal(0, _changes);
    }

    [Fact]
    public async Task The_copy_outlives_the_host_and_is_shown_before_anything_is_fetched_but_only_for_its_URL()
    {
        var first = Start();
        first.Follow(Url);
        await Waits(TimeSpan.FromMinutes(5));
        await first.DisposeAsync();
        _web = static _ => throw new OutboundException(OutboundFailure.Unreachable, "The URL's host cannot be reached.");

        var (again, other) = (Make(), Make());
        again.Follow(Url);
        other.Follow("https://pages.example/other.html");

        Assert.Equal(("text/html", $"<h1>{Url}</h1>"), (again.Page!.ContentType, TextOf(again)));
        Assert.Null(other.Page);
        Assert.DoesNotContain("pages.example", File.ReadAllLines(Path.Combine(_directory.FullName, "app", "error"))[0], StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("no line end")]
    [InlineData("hash\ttext/html\n<h1>")]
    public void A_damaged_copy_is_no_copy(string content)
    {
        Directory.CreateDirectory(Path.Combine(_directory.FullName, "app"));
        File.WriteAllText(Path.Combine(_directory.FullName, "app", "error"), content);

        var page = Make();
        page.Follow(Url);

        Assert.Null(page.Page);
    }

    private static RoutePage Page(string text) => new("text/html", Encoding.UTF8.GetBytes(text));

    private static string TextOf(FetchedPage page) => Encoding.UTF8.GetString(page.Page!.Body.Span);

    private FetchedPage Make()
    {
        var page = new FetchedPage("ERROR_PAGE_URL", Fetch, new PageFile(Path.Combine(_directory.FullName, "app", "error")), _logs, _time, NullLogger.Instance);
        _pages.Add(page);
        return page;
    }

    private FetchedPage Start()
    {
        var page = Make();
        page.Start(() => Interlocked.Increment(ref _changes));
        return page;
    }

    private async Task<RoutePage> Fetch(string url, CancellationToken cancellationToken)
    {
        await Task.Yield();
        Interlocked.Increment(ref _fetches);
        return _web(url);
    }

    private Task Waits(TimeSpan time) => Eventually.IsTrueAsync(() => _time.NextDue == time);

    private List<string> Lines() => [.. _logs.TailAsync(new() { Lines = 100 }).ToBlockingEnumerable().Select(line => line.Message)];
}
