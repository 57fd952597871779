namespace PaaS.Api.Tests.Samples;

/// <summary>The sample of PaaS.Core's readme.</summary>
public sealed class CoreSample
{
    [Fact]
    public void Runs()
    {
        // sample
        var procfile = Procfile.Parse("web: node server.js\nworker node worker.js\n");
        foreach (var entry in procfile)
        {
            Console.WriteLine($"{entry.Type} runs {entry.Command}");
        }

        foreach (var diagnostic in procfile.Diagnostics)
        {
            Console.WriteLine(diagnostic); // Procfile(2,1): warning ...
        }

        // end
        Assert.Single(procfile);
        Assert.NotEmpty(procfile.Diagnostics);
    }
}
