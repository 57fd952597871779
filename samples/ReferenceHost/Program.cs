using System.CommandLine;
using Microsoft.Extensions.Hosting;
using PaaS.ReferenceHost;

var options = new UpOptions();
var up = new Command("up", "Starts the platform on this machine and stays until Ctrl-C.") { options.Port, options.RouterPort, options.Data, options.Work, options.Token, options.TokenFile, options.ReadyFile, options.BootTimeout };
up.SetAction((parsed, cancellationToken) => Failures.ReportAsync(async () =>
{
    var token = await options.ReadTokenAsync(parsed, cancellationToken);
    var builder = Host.CreateApplicationBuilder(new HostApplicationBuilderSettings { ContentRootPath = AppContext.BaseDirectory });
    Failures.Quieten(builder.Logging);
    builder.AddPaaS(o =>
    {
        o.Api.Port = parsed.GetValue(options.Port);
        o.Router.Port = parsed.GetValue(options.RouterPort);
        o.DataDirectory = parsed.GetValue(options.Data)?.FullName ?? o.DataDirectory;
        o.WorkDirectory = parsed.GetValue(options.Work)?.FullName;
        o.ReadyFile = parsed.GetValue(options.ReadyFile)?.FullName;
        o.Token = token;
        o.Supervisor = o.Supervisor with { BootTimeout = TimeSpan.FromSeconds(parsed.GetValue(options.BootTimeout)) };
    });
    await builder.Build().RunAsync(cancellationToken);
}));

var root = new RootCommand("A platform on one machine: git push an app, and it serves.") { up, LocalCommand.Create(), ProveCommand.Create(), DoctorCommand.Create(), ProcfileCommand.Create() };
return await Failures.InvokeAsync(root.Parse(args));
