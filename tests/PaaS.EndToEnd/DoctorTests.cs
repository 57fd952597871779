namespace PaaS.EndToEnd;

[Collection(EndToEndCollection.Name)]
public sealed class DoctorTests : IDisposable
{
    private readonly string _directory = Directory.CreateTempSubdirectory("paas-e2e-doctor-").FullName;

    [Fact]
    public async Task It_says_of_every_guarantee_whether_it_holds_and_exits_0_only_if_all_do()
    {
        var doctor = await RunAsync("--data", _directory);

        Assert.DoesNotContain("   at ", doctor.Output, StringComparison.Ordinal);
        foreach (var what in new[] { "a dyno sees no file but its own", "memory is limited", "dynos end when the host ends", "git", "bash", "bwrap", "data directory" })
        {
            Assert.Matches($@"(?m)^  (yes|no ) {what}( |$)", doctor.Output);
        }

        foreach (var language in new[] { "Ruby", "Node\\.js", "Python", "Java, Gradle, Scala, Clojure", "PHP", "Go", "\\.NET", "static sites" })
        {
            Assert.Matches($@"(?m)^  (yes|-  ) {language} +\S", doctor.Output);
        }

        Assert.Equal(doctor.Output.Contains("\n  no  ", StringComparison.Ordinal) ? 1 : 0, doctor.Status);
        Assert.Empty(Directory.GetFileSystemEntries(_directory));
    }

    [Fact]
    public async Task What_is_missing_is_said_with_how_to_mend_it()
    {
        File.SetUnixFileMode(_directory, (UnixFileMode)Convert.ToInt32("755", 8));

        var doctor = await RunAsync("--data", _directory, "--work", "/proc/nowhere");

        Assert.Equal(1, doctor.Status);
        Assert.Contains($"chmod 700 {_directory}", doctor.Output, StringComparison.Ordinal);
        Assert.Contains("/proc/nowhere cannot be written", doctor.Output, StringComparison.Ordinal);
        Assert.Matches(@"\n\d+ missing\.", doctor.Output);
    }

    public void Dispose() => Directory.Delete(_directory, recursive: true);

    private static Task<Command> RunAsync(params string[] arguments) => Command.RunAsync("dotnet", [RunningHost.Program, "doctor", .. arguments]);
}
