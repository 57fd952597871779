using System.Net;
using System.Runtime.InteropServices;
using PaaS.Core;
using PaaS.Routing;
using PaaS.Samples;

if (RouterOnlyOptions.TryParse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(RouterOnlyOptions.Usage);
    return 2;
}

// What requests leave: one line each, in the app's log.
var logs = new LogStream();
using var router = options.Cases
    ? new PaaSRouter(new CaseRoutes(logs), CaseRoutes.Limits)
    : new PaaSRouter(new OneApp(options.Backends, logs));

var address = new IPEndPoint(IPAddress.Loopback, options.Port);
await using (await Front.StartAsync(options.Front, router, address))
{
    Console.WriteLine($"Listening on http://{address} ({options.Front}). Ctrl-C ends it.");
    using var stop = new CancellationTokenSource();
    using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
    using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
    await ShowAsync(stop.Token);

    void Stop(PosixSignalContext context)
    {
        context.Cancel = true;
        stop.Cancel();
    }
}

Console.WriteLine($"{logs.LastNumber} router lines");
return 0;

// On a terminal the lines are shown as they come; somebody who measures has better things to do.
async Task ShowAsync(CancellationToken stopped)
{
    try
    {
        if (Console.IsOutputRedirected)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, stopped);
        }

        await foreach (var line in logs.TailAsync(new LogTail { Follow = true }, stopped))
        {
            Console.WriteLine(line);
        }
    }
    catch (OperationCanceledException) when (stopped.IsCancellationRequested)
    {
    }
}
