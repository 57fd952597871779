using System.Globalization;
using System.Runtime.InteropServices;

namespace PaaS.Benchmarks;

/// <summary>The router's figures beside nginx, HAProxy and YARP: all stay up for the whole run, and take turns round by round.</summary>
internal sealed class RouterFigures(RouterFigureOptions options, RouterWorkbench bench, CancellationToken cancellationToken)
{
    private const string Usage = """
        dotnet run -c Release --project bench/PaaS.Benchmarks -- router [--rounds 4] [--seconds 2] [--warmup 3] [--connections 64,256]
            [--workloads small,headers,10k,100k,post] [--contenders nginx,nginx-64k,haproxy,yarp,fast,kestrel,kestrel-inline] [--idle 2000]

          --rounds       rounds whose medians are taken; every round has each contender once
          --seconds      length of a contender's turn
          --warmup       seconds of the same load before the first round
          --connections  connections of the load
          --workloads    kinds of requests
          --contenders   who runs; pipeline is there, too
          --idle         connections for the memory that an idle one takes; 0: not measured
        """;

    private readonly List<Contender> _contenders = [];
    private readonly List<Cell> _cells = [];
    private readonly Dictionary<string, long> _requests = [];

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (RouterFigureOptions.TryParse(arguments) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        using var stop = new CancellationTokenSource();
        using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
        using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
        await Tools.InstallAsync(stop.Token);
        await using var bench = await RouterWorkbench.OpenAsync(stop.Token);
        try
        {
            await new RouterFigures(options, bench, stop.Token).RunAsync();
            return 0;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            await Console.Error.WriteLineAsync("Stopped.");
            return 1;
        }

        void Stop(PosixSignalContext context)
        {
            context.Cancel = true;
            stop.Cancel();
        }
    }

    private async Task RunAsync()
    {
        try
        {
            var busy = (await File.ReadAllTextAsync("/proc/loadavg", cancellationToken)).Split(' ')[0];
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{DateTime.UtcNow:yyyy-MM-dd}, {Environment.ProcessorCount} processors, {RuntimeInformation.OSDescription}, load {busy}, {options.Rounds} rounds of {options.Seconds} s"));
            Console.WriteLine(await Tools.VersionsAsync(cancellationToken));
            Console.WriteLine("All proxies add X-Forwarded-*, Via and a request id, keep connections on both sides and choose one of 4 back ends at random. The peers' access logs are off; ours writes its log line, keeps its traces and watches its deadlines.");
            await StartAsync();
            foreach (var workload in options.Workloads)
            {
                foreach (var connections in options.Connections)
                {
                    var cell = new Cell(workload, connections);
                    _cells.Add(cell);
                    await MeasureAsync(cell);
                    RouterReport.Print(cell);
                }
            }

            if (options.Contenders.Any(static name => Recipe.All.Single(recipe => recipe.Name == name).IsOurs))
            {
                RouterReport.PrintParts(await RouterParts.MeasureAsync(), _cells.FirstOrDefault(static cell => cell.Workload == Workload.Small)?.Of("fast", static sample => sample.Processor));
            }

            RouterReport.PrintMemory(_contenders);
            RouterReport.PrintBars(Bar.Judge(_cells, _contenders));
            await PrintLinesAsync();
        }
        finally
        {
            foreach (var contender in _contenders)
            {
                await contender.DisposeAsync();
            }
        }
    }

    private async Task StartAsync()
    {
        foreach (var name in options.Contenders)
        {
            var recipe = Recipe.All.Single(recipe => recipe.Name == name);
            if (recipe.IsForLargeBodies && !options.Workloads.Contains(Workload.Large))
            {
                continue;
            }

            var port = bench.TakePort();
            var contender = Contender.Start(name, port, recipe.Start(bench, port), Path.Combine(bench.Directory, name + ".log"));
            _contenders.Add(contender);
            await contender.WaitUntilItAnswersAsync(cancellationToken);
        }

        await Task.Delay(1000, cancellationToken);
        _contenders.ForEach(static contender => contender.NoteFirstResident());
        if (options.Idle > 0)
        {
            // What a program needs once, such as compiled code and full rings, is not what a connection takes: it comes with some load before.
            foreach (var contender in _contenders)
            {
                await RunAsync(contender, Workload.Small, Math.Min(options.Connections[0], 64), options.Warmup);
                await Task.Delay(1000, cancellationToken);
                await contender.MeasureIdleConnectionsAsync(options.Idle, cancellationToken);
            }
        }
    }

    private async Task MeasureAsync(Cell cell)
    {
        var contenders = _contenders.Where(contender => cell.Workload == Workload.Large || !Recipe.All.Single(recipe => recipe.Name == contender.Name).IsForLargeBodies).ToArray();
        foreach (var contender in contenders)
        {
            await RunAsync(contender, cell.Workload, cell.Connections, options.Warmup);
            cell.Samples.Add(contender.Name, []);
        }

        for (var round = 0; round < options.Rounds; round++)
        {
            // Another one begins each round: nobody always follows the same one.
            for (var i = 0; i < contenders.Length; i++)
            {
                var contender = contenders[(round + i) % contenders.Length];
                var before = contender.Tree.Processor;
                var load = await RunAsync(contender, cell.Workload, cell.Connections, options.Seconds);
                cell.Samples[contender.Name].Add(new Sample(load, (contender.Tree.Processor - before) / load.Requests * 1e6));
                contender.NoteResident();
            }
        }
    }

    private async Task<Wrk> RunAsync(Contender contender, Workload workload, int connections, int seconds)
    {
        var script = workload.Script is { } lua ? bench.Write(workload.Name + ".lua", lua) : null;
        var load = await Wrk.RunAsync(string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{contender.Port}{workload.Path}"), script, connections, seconds, cancellationToken);
        _requests[contender.Name] = _requests.GetValueOrDefault(contender.Name) + load.Requests;
        return load;
    }

    /// <summary>Ours say at their end how many lines they wrote.</summary>
    private async Task PrintLinesAsync()
    {
        foreach (var contender in _contenders.Where(static contender => Recipe.All.Single(recipe => recipe.Name == contender.Name).IsOurs))
        {
            var said = await contender.EndAsync();
            Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{contender.Name}: {said} for {_requests[contender.Name]} responses that wrk counted"));
        }
    }
}
