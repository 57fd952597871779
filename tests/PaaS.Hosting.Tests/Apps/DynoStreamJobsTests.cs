using Microsoft.Extensions.Logging.Abstractions;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

/// <summary>What an app's stream of dynos remembers of jobs, over the summing up of the stream.</summary>
public sealed class DynoStreamJobsTests
{
    private readonly AppId _app = AppId.New();
    private readonly InMemoryJournal _journal = new();
    private readonly ManualTimeProvider _time = new();

    [Fact]
    public async Task The_stream_stays_short_and_the_newest_occurrence_of_each_job_stays_known()
    {
        var (old, rare, frequent) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await using (var stream = await OpenAsync())
        {
            await stream.AppendAsync(new DynoEvent.JobStarted(old, _time.GetUtcNow()));
            _time.Advance(TimeSpan.FromDays(36));
            await stream.AppendAsync(new DynoEvent.JobStarted(rare, _time.GetUtcNow()));
            for (var i = 0; i < 1200; i++)
            {
                _time.Advance(TimeSpan.FromMinutes(1));
                await stream.AppendAsync(new DynoEvent.JobStarted(frequent, _time.GetUtcNow()));
            }
        }

        var count = 0;
        await foreach (var e in _journal.ReadAsync(StreamName.OfDynos(_app)))
        {
            count++;
        }

        Assert.InRange(count, 1, 501);
        await using var again = await OpenAsync();
        Assert.Equal(_time.GetUtcNow(), again.Record.Jobs[frequent]);
        Assert.Equal(_time.GetUtcNow().AddMinutes(-1200), again.Record.Jobs[rare]);
        Assert.DoesNotContain(old, again.Record.Jobs.Keys);
    }

    private Task<DynoStream> OpenAsync() => DynoStream.OpenAsync(_app, _journal, _time, NullLogger.Instance, CancellationToken.None);
}
