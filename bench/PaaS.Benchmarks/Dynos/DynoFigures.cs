using System.Diagnostics;
using System.Globalization;
using System.Runtime.Versioning;

[assembly: SupportedOSPlatform("linux")]

namespace PaaS.Benchmarks;

/// <summary>The figures of dynos: what isolation costs, and what a neighbour feels. A line each, with the target it is held to.</summary>
internal sealed class DynoFigures(DynoWorkbench bench, DynoFigureOptions options)
{
    private const string Usage = """
        dotnet run -c Release --project bench/PaaS.Benchmarks -- dynos [--count 50] [--starts 20] [--idle 200] [--seconds 20] [--load 5] [--image NAME] [--only FIGURE]

          --count    dynos for memory and for the start at once
          --starts   starts of each kind whose median and 90th percentile are taken
          --idle     dynos of the host whose processor time is taken when nothing happens
          --seconds  for how long it is taken
          --load     seconds of requests per measurement of the neighbour
          --image    an image of a Docker engine in reach (DOCKER_HOST), to compare with docker run; any one with /lib in /usr
          --only     start, memory, together, idle or neighbour
        """;

    private static readonly (string Name, string Command)[] Misbehaviours =
    [
        ("fork bomb", "exec perl -e 'fork while 1'"),
        ("memory hog", "while :; do perl -e 'push @a, \"x\" x 1048576 while 1'; done 2>/dev/null"),
        ("cpu spin", "exec perl -e 'fork for 1..3; 1 while 1'"),
    ];

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (DynoFigureOptions.TryParse(arguments) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        if (!OperatingSystem.IsLinux())
        {
            await Console.Error.WriteLineAsync("The figures of dynos are taken on Linux.");
            return 1;
        }

        await using var bench = await DynoWorkbench.OpenAsync();
        if (bench is null)
        {
            return 1;
        }

        var figures = new DynoFigures(bench, options);
        await figures.RunAsync();
        return 0;
    }

    private async Task RunAsync()
    {
        foreach (var (name, figure) in new (string, Func<Task>)[]
        {
            ("start", StartAsync), ("memory", MemoryAsync), ("together", TogetherAsync), ("idle", IdleAsync), ("neighbour", NeighbourAsync),
        })
        {
            if (options.Only is null || options.Only == name)
            {
                await figure();
            }
        }
    }

    private async Task StartAsync()
    {
        var docker = options.Image is { } image ? new DockerServer(image, bench.ProgramDirectory) : null;
        List<double> bare = [], sandboxed = [], container = [];

        // The first of each kind only warms up. One kind after the other in each round, so that all see the same machine.
        for (var round = 0; round <= options.Starts; round++)
        {
            Add(bare, await TimeAsync(bench.StartBareAsync));
            Add(sandboxed, await TimeAsync(bench.StartDynoAsync));
            if (docker is not null)
            {
                Add(container, await TimeAsync(docker.StartAsync));
            }

            void Add(List<double> times, double time)
            {
                if (round > 0)
                {
                    times.Add(time);
                }
            }
        }

        var extra = Percentile(sandboxed, 0.5) - Percentile(bare, 0.5);
        Print("start, sandboxed minus bare", $"{extra:0.0} ms (bare {Both(bare)}, sandboxed {Both(sandboxed)})", extra, 25, "ms");
        if (docker is not null)
        {
            var more = Percentile(container, 0.5) - Percentile(bare, 0.5);
            Print("start, docker run minus bare", $"{more:0.0} ms (docker run {Both(container)}), {more / extra:0.0} times the sandbox");
        }

        static string Both(List<double> times) => $"median {Percentile(times, 0.5):0.0}, p90 {Percentile(times, 0.9):0.0}";
    }

    private async Task MemoryAsync()
    {
        var bare = await MeasureAsync(bench.StartBareAsync);
        var sandboxed = await MeasureAsync(bench.StartDynoAsync);
        var extra = (sandboxed - bare) / options.Count / (1 << 20);
        Print($"memory per dyno of {options.Count}, extra", $"{extra:0.00} MB (Pss: bare {bare / options.Count / (1 << 20):0.0} MB, sandboxed {sandboxed / options.Count / (1 << 20):0.0} MB)", extra, 2, "MB");
        if (options.Image is { } image)
        {
            var before = ProcessTable.PssOf(static p => p.IsOfDocker);
            await using var container = await new DockerServer(image, bench.ProgramDirectory).StartAsync();
            await container.AnswersAsync();
            Print("memory per container, shim and proxy", $"{(double)(ProcessTable.PssOf(static p => p.IsOfDocker) - before) / (1 << 20):0.0} MB");
        }

        async Task<double> MeasureAsync(Func<Task<Server>> start)
        {
            await using var servers = await ServerGroup.StartAsync(options.Count, 4, start);
            return ProcessTable.PssOf(ProcessTable.BelowThis());
        }
    }

    private async Task TogetherAsync()
    {
        var watch = Stopwatch.StartNew();
        await using var servers = await ServerGroup.StartAsync(options.Count, options.Count, bench.StartDynoAsync);
        Print($"{options.Count} dynos at once, until all answer", $"{watch.Elapsed.TotalMilliseconds:0} ms, {watch.Elapsed.TotalMilliseconds / options.Count:0.0} ms each");
    }

    private async Task IdleAsync()
    {
        await using var servers = await ServerGroup.StartAsync(options.Idle, 8, bench.StartDynoAsync);
        await Task.Delay(TimeSpan.FromSeconds(2));
        var (host, dynos) = ProcessTable.CpuOfThisAndBelow();
        await Task.Delay(options.IdleTime);
        var (hostAfter, dynosAfter) = ProcessTable.CpuOfThisAndBelow();
        Print(
            $"{options.Idle} idle dynos, processor time",
            $"{Share(hostAfter - host)} of one processor in the host, {Share(dynosAfter - dynos)} in the dynos, over {options.IdleTime.TotalSeconds:0} s");

        string Share(TimeSpan time) => (time / options.IdleTime).ToString("0.00 %", CultureInfo.InvariantCulture);
    }

    private async Task NeighbourAsync()
    {
        await using var app = await bench.StartDynoAsync();
        await app.AnswersAsync();
        await app.LoadAsync(TimeSpan.FromSeconds(1));
        foreach (var (name, command) in Misbehaviours)
        {
            var alone = Percentile(await app.LoadAsync(options.LoadTime), 0.99);
            double beside;
            await using (bench.Misbehave(command))
            {
                await Task.Delay(TimeSpan.FromSeconds(1));
                beside = Percentile(await app.LoadAsync(options.LoadTime), 0.99);
            }

            Print($"neighbour, {name}", $"p99 {beside:0.00} ms, {beside / alone:0.00} times that alone ({alone:0.00} ms)", beside / alone, 2, "times");
        }
    }

    private static async Task<double> TimeAsync(Func<Task<Server>> start)
    {
        var watch = Stopwatch.StartNew();
        await using var server = await start();
        await server.AnswersAsync();
        return watch.Elapsed.TotalMilliseconds;
    }

    private static double Percentile(List<double> values, double part)
    {
        var sorted = values.Order().ToList();
        return sorted[Math.Clamp((int)Math.Ceiling(sorted.Count * part) - 1, 0, sorted.Count - 1)];
    }

    private static void Print(string figure, FormattableString value) => Console.WriteLine($"{figure,-40} {value.ToString(CultureInfo.InvariantCulture)}");

    private static void Print(string figure, FormattableString value, double measured, double target, string unit) =>
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{figure,-40} {value.ToString(CultureInfo.InvariantCulture)}; target <= {target} {unit}, ratio {measured / target:0.00}{(measured > target ? "  MISSED" : string.Empty)}"));
}
