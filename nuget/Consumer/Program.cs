using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Hosting;

var builder = Host.CreateApplicationBuilder(args);
var settings = builder.Configuration;
builder.AddPaaS(o =>
{
    o.Api.Port = settings.GetValue("api", 5000);         // Platform API and git: git push http://127.0.0.1:5000/NAME.git main
    o.Router.Port = settings.GetValue("router", 8080);   // the apps: http://NAME.localhost:8080/
    o.DataDirectory = settings["data"] ?? o.DataDirectory;
    o.WorkDirectory = settings["work"];
    o.ReadyFile = settings["ready"];
});
await builder.Build().RunAsync();
