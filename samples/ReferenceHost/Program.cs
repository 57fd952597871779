using System.CommandLine;
using Microsoft.Extensions.Hosting;
using PaaS.ReferenceHost;

var options = new UpOptions();
var up = new Command("up", "Starts the platform on this machine and stays until Ctrl-C.");
foreach (var option in options.All)
{
    up.Options.Add(option);
}

up.SetAction((parsed, cancellationToken) => Failures.ReportAsync(async () =>
{
    var token = await options.ReadTokenAsync(parsed, cancellationToken);
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
    Failures.Quieten(builder.Logging);
    builder.AddPaaS(o =>
    {
        options.Apply(parsed, o);
        o.Token = token;
    });
    await builder.Build().RunAsync(cancellationToken);
}));

var root = new RootCommand("A platform on one machine: git push an app, and it serves.") { up, LocalCommand.Create(), ProveCommand.Create(), DoctorCommand.Create(), ProcfileCommand.Create(), DetectCommand.Create() };
return await Failures.InvokeAsync(root.Parse(args));
