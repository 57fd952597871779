using System.Collections.Immutable;

namespace PaaS.Runtime.Tests;

public sealed class LocalPlanTests
{
    private static readonly LocalRunOptions s_options = new()
    {
        Procfile = Procfile.Parse("release: migrate\nweb: serve\nworker: work\n"),
        Environment = new Dictionary<string, string>(),
        Directory = "/app",
    };

    [Fact]
    public void Every_type_but_release_runs_once_a_hundred_ports_apart() =>
        Assert.Equal([("web.1", "serve", 5006), ("worker.1", "work", 5106)], Plan(s_options));

    [Fact]
    public void The_ports_follow_the_order_in_which_types_are_asked_for()
    {
        var plan = Plan(s_options with { Processes = LocalProcessCount.ParseList("worker=2,release=0,web"), Port = 3000 });

        Assert.Equal([("worker.1", "work", 3000), ("worker.2", "work", 3001), ("web.1", "serve", 3200)], plan);
    }

    [Theory]
    [InlineData(null, null, null, 5006)]
    [InlineData(null, null, "4000", 4000)]
    [InlineData(null, "3000", "4000", 3000)]
    [InlineData(2000, "3000", "4000", 2000)]
    [InlineData(null, "", "", 5006)]
    public void The_base_port_comes_from_the_option_the_file_or_the_environment(int? option, string? file, string? around, int port)
    {
        var options = s_options with { Port = option, Variables = Port(file), Environment = Port(around) };

        Assert.Equal(port, Plan(options)[0].Port);

        static ImmutableSortedDictionary<string, string> Port(string? value) =>
            value is null ? ImmutableSortedDictionary<string, string>.Empty : ImmutableSortedDictionary<string, string>.Empty.Add("PORT", value);
    }

    [Theory]
    [InlineData("web", 1023, "1023")]
    [InlineData("web", 65_536, "65536")]
    [InlineData("web=100,worker=100", 65_400, "worker.100")]
    [InlineData("nosuch", 5000, "nosuch")]
    [InlineData("web=0", 5000, "nothing to run")]
    public void What_cannot_run_is_refused(string processes, int port, string why)
    {
        var options = s_options with { Processes = LocalProcessCount.ParseList(processes), Port = port };

        Assert.Contains(why, Assert.Throws<LocalRunException>(() => new LocalRunner(options)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_Procfile_with_errors_is_refused() =>
        Assert.Contains("line", Assert.Throws<LocalRunException>(() => new LocalRunner(s_options with { Procfile = Procfile.Parse("<<<<<<< HEAD\nweb: serve\n") })).Message, StringComparison.OrdinalIgnoreCase);

    [Fact]
    public void The_file_wins_over_the_environment_and_the_platforms_variables_over_both()
    {
        var options = s_options with
        {
            Variables = ImmutableSortedDictionary<string, string>.Empty.Add("A", "file").Add("B", "file").Add("PORT", "7000"),
            Environment = new Dictionary<string, string> { ["A"] = "around", ["C"] = "around", ["PORT"] = "1", ["npm-x"] = "1" },
        };

        var environment = LocalPlan.EnvironmentOf(options, LocalPlan.Make(options)[1]);

        Assert.Equal(["A=file", "B=file", "C=around", "FOREMAN_WORKER_NAME=worker.1", "PORT=7100", "PWD=/app"], environment.Select(static v => $"{v.Key}={v.Value}"));
    }

    [Fact]
    public void A_worker_name_that_is_set_already_stays()
    {
        var options = s_options with { Environment = new Dictionary<string, string> { ["FOREMAN_WORKER_NAME"] = "outer.1" } };

        Assert.Equal("outer.1", LocalPlan.EnvironmentOf(options, LocalPlan.Make(options)[0])["FOREMAN_WORKER_NAME"]);
    }

    [Theory]
    [InlineData("web", "web=1")]
    [InlineData(" web = 2 , worker ", "web=2 worker=1")]
    [InlineData("web=1,worker=0,web=3", "web=3 worker=0")]
    public void A_list_of_counts_is_read(string text, string counts) => Assert.Equal(counts, string.Join(' ', LocalProcessCount.ParseList(text)));

    [Theory]
    [InlineData("")]
    [InlineData("web,")]
    [InlineData("web=")]
    [InlineData("web=-1")]
    [InlineData("web=101")]
    [InlineData("web=two")]
    [InlineData("we b")]
    public void What_is_no_list_of_counts_is_refused(string text) => Assert.Throws<FormatException>(() => LocalProcessCount.ParseList(text));

    private static List<(string Name, string Command, int Port)> Plan(LocalRunOptions options) =>
        [.. LocalPlan.Make(options).Select(static p => (p.Name.ToString(), p.Command, p.Port))];
}
