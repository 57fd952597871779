using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>Dyno time is counted once, whatever the journal does to the stream.</summary>
public sealed class DynoStreamUsageTests
{
    private readonly AppId _app = AppId.New();
    private readonly FlakyJournal _journal = new();
    private readonly ManualTimeProvider _time = new();
    private readonly DateTimeOffset _start;

    public DynoStreamUsageTests() => _start = _time.GetUtcNow();

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public async Task A_journal_that_fails_in_every_way_makes_it_count_nothing_twice_and_nothing_less(int seed)
    {
        var random = new Random(seed);
        bool Now() => random.Next(4) == 0;
        var gate = new Lock();
        var failing = true;
        bool Fails()
        {
            lock (gate)
            {
                return failing && Now();
            }
        }

        await using (var stream = await OpenAsync())
        {
            _journal.Fails = (_, _) => Fails();
            _journal.FailsKept = (_, _) => Fails();
            _journal.FailsReading = _ => Fails();
            _journal.FailsCompacting = _ => Fails();
            for (var i = 0; i < 1500; i++)
            {
                Tell(stream, TimeSpan.FromHours(1));
                if (i % 10 == 0)
                {
                    _time.Advance(TimeSpan.FromSeconds(1));
                    await Task.Yield();
                }
            }

            lock (gate)
            {
                failing = false;
            }

            await WaitAsync(() => stream.Record.Usage.Ended.Values.Sum(time => time.TotalHours) >= 1500 && stream.Record.Usage.Running.IsEmpty);
            Assert.Equal(1500, Hours(stream));
        }

        await using var again = await OpenAsync();
        Assert.Equal(1500, Hours(again));
    }

    [Fact]
    public async Task An_append_that_failed_but_was_kept_is_known_without_a_second_one()
    {
        await using var stream = await OpenAsync();
        var failed = 0;
        _journal.FailsKept = (_, _) => Interlocked.Exchange(ref failed, 1) == 0;

        await stream.AppendAsync(new DynoEvent.JobStarted(Guid.NewGuid(), _start));

        Assert.Single(stream.Record.Jobs);
        Assert.Single(await _journal.ReadAllAsync(StreamName.OfDynos(_app)));
    }

    [Fact]
    public async Task What_fails_at_the_stop_is_tried_once_more()
    {
        var stream = await OpenAsync();
        var tries = 0;
        _journal.Fails = (_, _) => Interlocked.Increment(ref tries) == 1;
        Tell(stream, TimeSpan.FromHours(2));
        await WaitAsync(() => Volatile.Read(ref tries) > 0, advance: false);

        await stream.DisposeAsync();

        await using var again = await OpenAsync();
        Assert.Equal(2, Hours(again));
    }

    [Fact]
    public async Task It_ends_without_a_word_however_quickly_and_often()
    {
        for (var i = 0; i < 500; i++)
        {
            var stream = await OpenAsync();
            await Task.WhenAll(Enumerable.Range(0, 2).Select(_ => Task.Run(async () => await stream.DisposeAsync())));
        }
    }

    private static double Hours(DynoStream stream) => stream.Record.Usage.Ended.Values.Sum(time => time.TotalHours);

    private void Tell(DynoStream stream, TimeSpan time)
    {
        var id = Guid.NewGuid();
        stream.Append(new DynoEvent.Started(id, new RunningDyno(ProcessType.Web, DynoSize.Eco, _start)));
        stream.Append(new DynoEvent.Ended(id, _start + time));
    }

    /// <summary>Waits while the clock goes on, so that what failed is tried again.</summary>
    private Task WaitAsync(Func<bool> condition, bool advance = true) => Eventually.IsTrueAsync(() =>
    {
        if (advance)
        {
            _time.Advance(TimeSpan.FromSeconds(1));
        }

        return condition();
    });

    private Task<DynoStream> OpenAsync() => DynoStream.OpenAsync(_app, _journal, _time, NullLogger.Instance, CancellationToken.None);
}
