using PaaS.Testing;

namespace PaaS.Runtime.Tests;

public class ManualTimeProviderTests
{
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public void Timers_fire_in_the_order_they_are_due_each_at_its_own_time()
    {
        var fired = new List<string>();
        var start = _time.GetUtcNow();
        using var late = _time.CreateTimer(_ => fired.Add($"late {(_time.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(3), Timeout.InfiniteTimeSpan);
        using var often = _time.CreateTimer(_ => fired.Add($"often {(_time.GetUtcNow() - start).TotalSeconds}"), null, TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(2));

        _time.Advance(TimeSpan.FromSeconds(5));

        Assert.Equal(["often 2", "late 3", "often 4"], fired);
        Assert.Equal(TimeSpan.FromSeconds(5), _time.GetUtcNow() - start);
        Assert.Equal(TimeSpan.FromSeconds(1), _time.NextDue);
    }

    [Fact]
    public void A_timer_disposed_or_changed_does_not_fire_as_before()
    {
        var fired = 0;
        var gone = _time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        using var moved = _time.CreateTimer(_ => fired++, null, TimeSpan.FromSeconds(1), Timeout.InfiniteTimeSpan);
        gone.Dispose();
        moved.Change(TimeSpan.FromSeconds(2), Timeout.InfiniteTimeSpan);

        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(0, fired);
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(1, fired);
        Assert.Equal(0, _time.WaitingTimers);
    }

    [Fact]
    public void Time_stamps_measure_the_same_time_at_another_rate()
    {
        var stamp = _time.GetTimestamp();

        _time.Advance(TimeSpan.FromSeconds(30));

        Assert.NotEqual(TimeSpan.TicksPerSecond, _time.TimestampFrequency);
        Assert.Equal(TimeSpan.FromSeconds(30), _time.GetElapsedTime(stamp));
    }

    [Fact]
    public async Task Delays_end_when_their_time_has_come()
    {
        var delay = Task.Delay(TimeSpan.FromMinutes(1), _time);
        Assert.False(delay.IsCompleted);

        _time.Advance(TimeSpan.FromMinutes(1));

        await delay.WaitAsync(TimeSpan.FromSeconds(10));
    }
}
