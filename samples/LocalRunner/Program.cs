using System.Collections.Immutable;
using System.Runtime.InteropServices;
using PaaS.Core;
using PaaS.Runtime;

// The Procfile of the current directory with the variables of .env: `heroku local` as a library.
var runner = new LocalRunner(new LocalRunOptions
{
    Procfile = Procfile.Parse(await File.ReadAllTextAsync("Procfile")),
    Variables = File.Exists(".env") ? (await EnvFile.ReadAsync(".env")).Variables : ImmutableSortedDictionary<string, string>.Empty,
    Colors = !Console.IsOutputRedirected,
});

// A library takes no signal: the program passes Ctrl-C on. The second one kills.
using var interrupt = PosixSignalRegistration.Create(PosixSignal.SIGINT, context =>
{
    context.Cancel = true;
    runner.Stop(ProcessSignal.Interrupt);
});
return await runner.RunAsync();
