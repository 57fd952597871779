using System.Net;
using System.Runtime.InteropServices;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Routing;
using Microsoft.Extensions.DependencyInjection;
using PaaS.Core;
using PaaS.Routing;
using PaaS.Samples;

if (RouterOnlyOptions.TryParse(args) is not { } options)
{
    await Console.Error.WriteLineAsync(RouterOnlyOptions.Usage);
    return 2;
}

var logs = new LogStream();
IRouteTable routes = options.Cases ? new CaseRoutes(logs) : new OneApp(options.Backends, logs);
var address = new IPEndPoint(IPAddress.Loopback, options.Port);

var builder = WebApplication.CreateEmptyBuilder(new WebApplicationOptions());
builder.WebHost.UseKestrelCore().ConfigureKestrel(kestrel =>
{
    RouterListener.Configure(kestrel);
    kestrel.Listen(address);
});
builder.Services.AddRoutingCore().AddSingleton(routes).AddPaaSRouter(options.Cases ? CaseRoutes.Configure : null);
await using var web = builder.Build();
web.MapPaaSRouter();
await web.StartAsync();
Console.WriteLine($"http://{address} ({options.Front})");

var stop = new TaskCompletionSource();
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, Stop);
using var terminate = PosixSignalRegistration.Create(PosixSignal.SIGTERM, Stop);
await stop.Task;
await web.StopAsync();
Console.WriteLine($"{logs.LastNumber} router lines");
return 0;

void Stop(PosixSignalContext context)
{
    context.Cancel = true;
    stop.TrySetResult();
}
