using System.Reflection;
using PaaS.Core;
using PaaS.Runtime;

namespace PaaS.Runtime.Tests;

public class DynoLifecycleTests
{
    // docs/dyno-lifecycle.md is drawn from the tables. Draw it anew with PAAS_ACCEPT_DOCS=1.
    [Fact]
    public void The_page_about_the_life_of_a_dyno_is_the_one_that_the_tables_give()
    {
        var root = typeof(DynoLifecycleTests).Assembly.GetCustomAttributes<AssemblyMetadataAttribute>().Single(static one => one.Key == "RepositoryRoot").Value!;
        var file = Path.Combine(root, "docs", "dyno-lifecycle.md");
        var drawn = LifecyclePage.Draw();
        if (Environment.GetEnvironmentVariable("PAAS_ACCEPT_DOCS") == "1")
        {
            File.WriteAllText(file, drawn);
        }

        Assert.True(File.Exists(file) && File.ReadAllText(file).ReplaceLineEndings("\n") == drawn, "docs/dyno-lifecycle.md is not what the tables give. If the change is meant, run PAAS_ACCEPT_DOCS=1 ./test Runtime");
    }

    [Fact]
    public void A_one_off_dyno_goes_from_starting_to_up_to_complete_and_is_never_started_again()
    {
        Assert.Equal("starting up complete", Life(DynoTurn.Rise, DynoTurn.End));
        Assert.Equal("starting crashed crashed", Life(DynoTurn.End, DynoTurn.Start));

        static string Life(params DynoTurn[] turns)
        {
            var state = DynoState.Starting;
            return string.Join(' ', turns.Select(turn => DynoStates.Word(state = DynoStates.Next(DynoKind.OneOff, state, turn))).Prepend("starting"));
        }
    }

    [Theory]
    [InlineData(1077936128L, "mem=1028MB(200.8%)")]
    [InlineData(566939443L, "mem=541MB(105.6%)")]
    public void Memory_is_told_in_megabytes_and_as_a_share_of_the_quota(long bytes, string expected) =>
        Assert.Equal($"Process running {expected}", DynoLines.Memory(bytes, DynoSize.Standard1X));
}
