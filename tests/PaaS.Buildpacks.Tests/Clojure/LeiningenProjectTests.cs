namespace PaaS.Buildpacks.Tests;

public sealed class LeiningenProjectTests
{
    [Fact]
    public void What_a_build_needs_is_read_and_nothing_is_evaluated()
    {
        Assert.True(LeiningenProject.TryParse(
            """
            ;; a comment with (parens and "quotes
            #!/usr/bin/env lein
            (def version (System/exit 1))
            (defproject ^:internal shop/web #=(str "1" ".0")
              #_ :uberjar-name #_ "no.jar"
              :description "a \"quoted\" (thing"
              :min-lein-version "2.0.0"
              :pattern #"a\d+[(]", :chars [\( \) \newline \; \"]
              :plugins [[lein-ring "0.12"] ^:x [lein-npm/lein-npm "0.6.2"]]
              :when #inst "2024-01-01" :quoted '(a b) :fn #(inc %) :set #{1 2}
              :cond #?(:clj 1 :cljs 2) :ns #:a{:b 1}
              :uberjar-name "web.jar"
              :profiles {:uberjar {:aot :all, :uberjar-name "other.jar"}})
            """,
            out var project,
            out _));

        Assert.Equal(("web.jar", "2.0.0"), (project.UberjarName, project.MinLeinVersion));
        Assert.Equal(["lein-ring", "lein-npm/lein-npm"], project.Plugins);
    }

    [Theory]
    [InlineData("(defproject a \"1\")", null)]
    [InlineData("(defproject a \"1\" :uberjar-name nil)", null)]
    [InlineData("(defproject a \"1\" :profiles {:uberjar {:uberjar-name \"b.jar\"} :dev {:uberjar-name \"c.jar\"}})", "b.jar")]
    [InlineData("(defproject a \"1\" :description \":uberjar-name \\\"x.jar\\\"\")", null)]
    public void The_uberjar_has_a_name_of_its_own_or_that_of_its_profile(string text, string? name)
    {
        Assert.True(LeiningenProject.TryParse(text, out var project, out _));
        Assert.Equal(name, project.UberjarName);
    }

    [Theory]
    [InlineData("(defproject a \"1\"", "line 1: a ')' is missing at its end")]
    [InlineData("(defproject a\n \"1)", "line 2: a '\"' is missing at its end")]
    [InlineData("(defproject a \"1\"]", "line 1: ']' closes nothing")]
    [InlineData("(defproject a \"1\" #_)", "')' closes nothing")]
    [InlineData("(defproject a \"1\" '", "it ends where a form should stand")]
    [InlineData("", "has no (defproject")]
    [InlineData("(ns a)", "has no (defproject")]
    public void What_is_no_project_is_refused_with_its_place(string text, string problem)
    {
        Assert.False(LeiningenProject.TryParse(text, out _, out var said));
        Assert.Contains(problem, said, StringComparison.Ordinal);
    }

    [Fact]
    public void Depth_has_a_limit()
    {
        Assert.False(LeiningenProject.TryParse(new string('(', 100_000), out _, out var problem));
        Assert.Contains("more than 200 forms", problem, StringComparison.Ordinal);
        Assert.False(LeiningenProject.TryParse(string.Concat(Enumerable.Repeat("#_", 100_000)), out _, out problem));
        Assert.Contains("more than 200 forms", problem, StringComparison.Ordinal);
    }

    [Fact]
    public void The_operators_mirrors_are_in_the_users_profile()
    {
        Assert.Equal("{}\n", LeiningenProfiles.Text(MavenIndex.Of(PackageSources.Default)));
        Assert.Equal(
            "{:user {:mirrors {\"clojars\" {:name \"paas-clojars\" :url \"http://m.test/c\" :repo-manager true}}}}\n",
            LeiningenProfiles.Text(MavenIndex.Of(new PackageSources { Clojars = new Uri("http://m.test/c/") })));
        var both = LeiningenProfiles.Text(MavenIndex.Of(new PackageSources { Clojars = new Uri("http://m.test/c"), Maven = new Uri("http://m.test/m") }));
        var system = LeiningenProfiles.Text(MavenIndex.Of(new PackageSources { Offline = true }));

        Assert.Contains("\"central\" {:name \"paas-central\" :url \"http://m.test/m\"", both, StringComparison.Ordinal);
        Assert.Contains("{#\".*\" {:name \"paas-system\" :url \"file:///usr/share/maven-repo\"", system, StringComparison.Ordinal);
        foreach (var text in (string[])[both, system])
        {
            var map = Assert.IsType<ClojureList>(Assert.Single(ClojureReader.ReadAll(text)));
            Assert.NotNull(Assert.IsType<ClojureList>(map.Value(":user")).Value(":mirrors"));
        }
    }
}
