using System.Collections.Immutable;
using PaaS.Runtime;

namespace PaaS.Api.Tests.Samples;

/// <summary>The sample of PaaS.Runtime's readme.</summary>
public sealed class RuntimeSample : IDisposable
{
    private readonly string _records = Directory.CreateTempSubdirectory("paas-sample-").FullName;

    public void Dispose() => Directory.Delete(_records, recursive: true);

    [Fact]
    public async Task Runs()
    {
        var records = _records;

        // sample
        await using var launcher = new PlainLauncher(records);
        await using var process = await launcher.StartAsync(new ProcessSpec
        {
            Command = ["/bin/bash", "-c", "echo hello from $NAME"],
            WorkingDirectory = "/",
            Environment = ImmutableSortedDictionary<string, string>.Empty.Add("NAME", "a process"),
            Label = "example/echo",
        });
        using var output = new StreamReader(process.Output);
        var text = await output.ReadToEndAsync();
        var exit = await process.Exited;

        // end
        Assert.Equal("hello from a process\n", text);
        Assert.True(exit.Succeeded);
    }
}
