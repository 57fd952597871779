namespace PaaS.Routing.Tests;

/// <summary>Deadlines of lanes on Kestrel, on a clock that only the test moves.</summary>
public class LaneAlarmTests
{
    [Fact]
    public async Task Every_deadline_of_many_lanes_comes_once_at_its_time_however_often_it_was_moved()
    {
        await using var kestrel = await KestrelUnderTest.StartAsync();
        var random = new Random(7);
        var lanes = Enumerable.Range(0, 40).Select(_ => kestrel.NewLane()).ToList();
        var probes = lanes.SelectMany(lane => Enumerable.Range(0, 4).Select(_ => new Probe(lane))).ToList();
        foreach (var probe in probes)
        {
            await LoopUnderTest.OnAsync(probe.Lane, () =>
            {
                for (var i = random.Next(1, 5); i > 0; i--)
                {
                    probe.In(TimeSpan.FromMilliseconds(random.Next(1, 10_000)));
                }
            });
        }

        var gone = probes.Where((_, i) => i % 10 == 0).ToList();
        foreach (var probe in gone)
        {
            await LoopUnderTest.OnAsync(probe.Lane, () => probe.Lane.Unnote(probe));
        }

        for (var i = 0; i < 101; i++)
        {
            kestrel.Time.Advance(TimeSpan.FromMilliseconds(100));
            foreach (var lane in lanes)
            {
                await LoopUnderTest.OnAsync(lane, () => { });
            }

            var now = kestrel.Time.GetTimestamp();
            var late = now - (kestrel.Time.TimestampFrequency / 500); // a timer counts whole milliseconds
            Assert.All(probes.Except(gone), probe => Assert.True(probe.Came == 1 ? probe.Wanted <= now : probe.Wanted > late, $"{probe.Wanted} at {now}"));
        }

        Assert.All(probes, probe => Assert.Equal(gone.Contains(probe) ? 0 : 1, probe.Came));
    }

    private sealed class Probe(ConnectionLane lane) : Timed
    {
        public ConnectionLane Lane { get; } = lane;

        public long Wanted { get; private set; }

        public int Came { get; private set; }

        public void In(TimeSpan time)
        {
            Wanted = Lane.Now + (long)(time.TotalSeconds * Lane.Engine.Time.TimestampFrequency);
            SetDue(Lane, Wanted);
        }

        public override void OnDue() => Came++;
    }
}
