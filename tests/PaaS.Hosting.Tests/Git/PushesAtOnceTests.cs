using System.Collections.Concurrent;

namespace PaaS.Hosting.Tests;

public sealed class PushesAtOnceTests
{
    [Fact]
    public async Task A_push_that_waited_and_builds_on_the_one_before_it_lands_too()
    {
        await using var scene = await GitScene.StartAsync();
        var turns = new Turns(scene);
        var client = scene.NewClient();
        var first = client.Commit();
        var firstPush = client.PushAsync("paas", "main");
        await turns.EnteredAsync(first);
        var second = client.Commit(content: "web: second\n");
        var secondPush = client.PushAsync("paas", "main");
        await turns.EnteredAsync(second);

        turns.Give(first);
        Assert.Equal(0, (await firstPush).Status);
        turns.Give(second);

        var run = await secondPush;
        Assert.True(run.Status == 0, run.Error);
        Assert.Equal(second, await scene.ReadMainAsync());
        Assert.All(scene.Receiver.Pushes, push => Assert.Null(push.OldCommit));
        Assert.Equal(string.Empty, await scene.InRepositoryAsync("fsck", "--strict"));
    }

    [Fact]
    public async Task A_push_that_waited_while_the_branch_went_elsewhere_is_rejected_before_it_is_built()
    {
        await using var scene = await GitScene.StartAsync();
        var turns = new Turns(scene);
        var (one, other) = (scene.NewClient(), scene.NewClient());
        var first = one.Commit();
        var second = other.Commit(content: "web: other\n");
        var firstPush = one.PushAsync("paas", "main");
        await turns.EnteredAsync(first);
        var secondPush = other.PushAsync("paas", "main");
        await turns.EnteredAsync(second);

        turns.Give(first);
        Assert.Equal(0, (await firstPush).Status);
        turns.Give(second);

        var run = await secondPush;
        Assert.NotEqual(0, run.Status);
        Assert.Contains($"main has moved to {first[..12]} while this push waited; fetch, merge and push again", run.Error, StringComparison.Ordinal);
        Assert.Equal(first, await scene.ReadMainAsync());
        Assert.Equal([first], turns.Built);
    }

    [Fact]
    public async Task The_next_push_is_not_looked_at_before_the_accepted_one_has_landed()
    {
        await using var scene = await GitScene.StartAsync();
        var turns = new Turns(scene);
        var (one, other) = (scene.NewClient(), scene.NewClient());
        var first = one.Commit();
        var second = other.Commit(content: "web: other\n");
        var firstPush = one.PushAsync("paas", "main");
        await turns.EnteredAsync(first);
        var secondPush = other.PushAsync("paas", "main");
        await turns.EnteredAsync(second);

        // Both have their turn at the same moment, as when one build follows the other without a pause.
        turns.Give(first, second);

        var runs = await Task.WhenAll(firstPush, secondPush);
        Assert.Equal(1, runs.Count(run => run.Status == 0));
        Assert.Contains("has moved to", runs.Single(run => run.Status != 0).Error, StringComparison.Ordinal);
        Assert.Single(turns.Built);
        Assert.Equal(turns.Built.Single(), await scene.ReadMainAsync());
    }

    [Fact]
    public async Task The_same_commit_pushed_twice_at_once_is_accepted_twice()
    {
        await using var scene = await GitScene.StartAsync();
        var turns = new Turns(scene, free: true);
        var client = scene.NewClient();
        var commit = client.Commit();

        var runs = await Task.WhenAll(client.PushAsync("paas", "main"), client.PushAsync("paas", "main"));

        Assert.All(runs, run => Assert.True(run.Status == 0, run.Error));
        Assert.Equal(commit, await scene.ReadMainAsync());
        Assert.NotEmpty(turns.Built);
    }

    /// <summary>A receiver that gives turns when the test says so.</summary>
    private sealed class Turns
    {
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _entered = new();
        private readonly ConcurrentDictionary<string, TaskCompletionSource> _given = new();

        public Turns(GitScene scene, bool free = false) => scene.Receiver.OnPush = async (push, source, _, cancellationToken) =>
        {
            Of(_entered, push.NewCommit).TrySetResult();
            await (free ? Task.CompletedTask : Of(_given, push.NewCommit).Task);
            if (await source.CheckStillCurrentAsync(cancellationToken) is { } reason)
            {
                return PushVerdict.Rejected(reason);
            }

            Built.Enqueue(push.NewCommit);
            await source.KeepObjectsAsync(cancellationToken);
            return PushVerdict.Accepted;
        };

        public ConcurrentQueue<string> Built { get; } = new();

        public Task EnteredAsync(string commit) => Of(_entered, commit).Task.WaitAsync(GitScene.Deadline);

        public void Give(params string[] commits) => Array.ForEach(commits, commit => Of(_given, commit).TrySetResult());

        private static TaskCompletionSource Of(ConcurrentDictionary<string, TaskCompletionSource> all, string commit) =>
            all.GetOrAdd(commit, _ => new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously));
    }
}
