using System.Text;
using BenchmarkDotNet.Attributes;
using PaaS.Core;

namespace PaaS.Benchmarks;

/// <summary>A thousand lines written to a log that nobody reads, and the same lines read back.</summary>
[MemoryDiagnoser]
public class LogStreamBenchmarks
{
    private const int Lines = 1000;
    private static readonly byte[] Line = Encoding.UTF8.GetBytes("at=info method=GET path=\"/\" host=hello.localhost dyno=web.1 connect=0ms service=3ms status=200 bytes=512");
    private readonly LogStream _full = new();

    [GlobalSetup]
    public void Fill() => Fill(_full);

    [Benchmark(Baseline = true, OperationsPerInvoke = Lines)]
    public void Write() => Fill(_full);

    [Benchmark(OperationsPerInvoke = Lines)]
    public async Task<long> Read()
    {
        long sum = 0;
        await foreach (var line in _full.TailAsync(new LogTail { Lines = Lines }))
        {
            sum += line.Number;
        }

        return sum;
    }

    private static void Fill(LogStream log)
    {
        for (var i = 0; i < Lines; i++)
        {
            log.Write(LogSource.Heroku, "router", Line);
        }
    }
}
