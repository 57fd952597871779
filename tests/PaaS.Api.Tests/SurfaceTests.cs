namespace PaaS.Api.Tests;

public sealed class SurfaceTests
{
    // A change of the public surface is a change of Surface/PaaS.X.txt, seen in review. Accept one with PAAS_ACCEPT_API=1.
    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void The_public_surface_is_the_one_that_was_accepted(string package)
    {
        var file = Repository.PathOf($"tests/PaaS.Api.Tests/Surface/{package}.txt");
        var received = PublicSurface.Of(Packages.Load(package));
        var receivedFile = Path.ChangeExtension(file, ".received.txt");
        if (Environment.GetEnvironmentVariable("PAAS_ACCEPT_API") == "1")
        {
            File.WriteAllText(file, received);
            File.Delete(receivedFile);
            return;
        }

        var accepted = File.Exists(file) ? File.ReadAllText(file).ReplaceLineEndings("\n") : "";
        if (received == accepted)
        {
            File.Delete(receivedFile);
            return;
        }

        File.WriteAllText(receivedFile, received);
        Assert.Fail($"The public surface of {package} is not the accepted one. If it is meant, run PAAS_ACCEPT_API=1 ./test Api\n{Difference(accepted, received)}");
    }

    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void Public_types_stand_in_the_namespace_of_their_package(string package)
    {
        // Extensions of a framework's builders stand where their users look for them: in the namespace of the extended type.
        var strangers = Packages.Load(package).GetExportedTypes()
            .Where(t => t.Namespace != package && !(t is { IsAbstract: true, IsSealed: true } && t.Namespace!.StartsWith("Microsoft.", StringComparison.Ordinal)));

        Assert.Empty(strangers);
    }

    private static string Difference(string accepted, string received)
    {
        var before = accepted.Split('\n');
        var after = received.Split('\n');
        return string.Join('\n', before.Except(after).Select(static l => $"- {l.Trim()}").Concat(after.Except(before).Select(static l => $"+ {l.Trim()}")));
    }
}
