namespace PaaS.Hosting.Tests;

public class BuildQueueTests
{
    private readonly BuildQueue _queue = new();

    [Fact]
    public async Task One_builds_one_waits_and_a_newer_one_supersedes_the_one_that_waits()
    {
        var queued = new List<string>();
        var first = await EnterAsync("first", queued);
        var second = EnterAsync("second", queued);
        var third = EnterAsync("third", queued);

        Assert.NotNull(first.Turn);
        Assert.Equal((null, "third"), await second);
        Assert.False(third.IsCompleted);
        Assert.Equal(["second", "third"], queued);

        first.Turn.Dispose();
        Assert.NotNull((await third).Turn);
    }

    [Fact]
    public async Task A_turn_that_is_given_back_twice_is_given_back_once()
    {
        var first = (await EnterAsync("first")).Turn!;
        var second = EnterAsync("second");
        first.Dispose();
        var turn = (await second).Turn!;
        var third = EnterAsync("third");

        first.Dispose();
        Assert.False(third.IsCompleted);

        turn.Dispose();
        Assert.NotNull((await third).Turn);
    }

    [Fact]
    public async Task Who_gives_up_while_waiting_gives_up_the_place()
    {
        using var cancelled = new CancellationTokenSource();
        var first = (await EnterAsync("first")).Turn!;
        var second = _queue.EnterAsync("second", static () => { }, cancelled.Token);

        await cancelled.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => second);
        var third = EnterAsync("third");
        first.Dispose();

        Assert.NotNull((await third).Turn);
    }

    [Fact]
    public async Task Who_comes_cancelled_leaves_no_trace()
    {
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => _queue.EnterAsync("first", static () => { }, new CancellationToken(canceled: true)));

        Assert.NotNull((await EnterAsync("second")).Turn);
    }

    [Fact]
    public async Task Who_cannot_be_told_of_the_wait_does_not_hold_up_the_others()
    {
        var first = (await EnterAsync("first")).Turn!;

        await Assert.ThrowsAsync<IOException>(() => _queue.EnterAsync("second", static () => throw new IOException("The client left."), CancellationToken.None));
        first.Dispose();

        Assert.NotNull((await EnterAsync("third")).Turn);
    }

    [Fact]
    public async Task Of_many_at_once_never_two_build_and_each_gets_an_answer()
    {
        var (building, most, began) = (0, 0, 0);
        var answers = await Task.WhenAll(Enumerable.Range(0, 100).Select(i => Task.Run(async () =>
        {
            using var gaveUp = new CancellationTokenSource();
            if (i % 5 == 0)
            {
                gaveUp.CancelAfter(TimeSpan.FromMilliseconds(1));
            }

            try
            {
                var (turn, by) = await _queue.EnterAsync($"{i}", static () => { }, gaveUp.Token);
                if (turn is null)
                {
                    return $"superseded by {by}";
                }

                most = Math.Max(most, Interlocked.Increment(ref building));
                Interlocked.Increment(ref began);
                await Task.Yield();
                Interlocked.Decrement(ref building);
                turn.Dispose();
                return "built";
            }
            catch (OperationCanceledException)
            {
                return "gave up";
            }
        }))).WaitAsync(Eventually.Deadline);

        Assert.Equal(1, most);
        Assert.Equal(began, answers.Count(answer => answer == "built"));
        Assert.NotNull((await EnterAsync("last")).Turn);
    }

    private Task<(IDisposable? Turn, string? SupersededBy)> EnterAsync(string name, List<string>? queued = null) =>
        _queue.EnterAsync(name, () => queued?.Add(name), CancellationToken.None).WaitAsync(Eventually.Deadline);
}
