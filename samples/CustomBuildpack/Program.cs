using Microsoft.Extensions.Hosting;
using PaaS.Buildpacks;
using PaaS.Samples;

// The whole platform, with one language more. It is asked last, after those of the platform itself.
var builder = Host.CreateApplicationBuilder(args);
builder.AddPaaS(options => options.Buildpacks = new BuildpackRegistry([.. BuildpackRegistry.BuiltIn.Buildpacks, new PerlBuildpack()]));
await builder.Build().RunAsync();
