using PaaS.Core;
using PaaS.Runtime;

namespace PaaS.Runtime.Tests;

public class FormationDiffTests
{
    private static readonly ProcessType[] Types = [ProcessType.Web, ProcessType.Worker];

    [Fact]
    public void What_lacks_is_started_in_order_and_what_is_too_much_is_stopped_from_the_top()
    {
        var diff = Diff("web.2 web.5 worker.1 worker.2 worker.3", SupervisorWorld.Formation(web: 3, worker: 1));

        Assert.Equal("web.1 web.3", string.Join(' ', diff.Start));
        Assert.Equal("worker.3 worker.2 web.5", string.Join(' ', diff.Stop));
    }

    [Fact]
    public void A_type_that_the_slug_does_not_have_is_stopped()
    {
        var diff = Diff("clock.1", Formation.Empty.With(ProcessType.Parse("clock"), 2));

        Assert.Empty(diff.Start);
        Assert.Equal("clock.1", Assert.Single(diff.Stop).ToString());
    }

    private static FormationDiff Diff(string running, Formation wanted) =>
        FormationDiff.Between(running.Split(' ').Select(name => DynoName.Parse(name)), wanted, Types);
}
