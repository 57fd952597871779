namespace PaaS.Buildpacks.Tests;

public sealed class ScalaProjectTests
{
    [Fact]
    public void The_settings_of_a_plain_project_are_read()
    {
        var project = ScalaProject.Parse("""
            // libraryDependencies are commented out, name := "no"
            lazy val root = (project in file(".")).settings(name := "My Shop!", ThisBuild / scalaVersion := "2.11.12")
            /* enablePlugins(X) */
            Compile / mainClass := Some("shop.Main")
            """);

        Assert.Equal(new ScalaProject("my-shop", "2.11.12", "shop.Main", HasDependencies: false), project);
    }

    [Theory]
    [InlineData("mainClass in Compile := Some(\"a.B\")", "a.B")]
    [InlineData("mainClass in (Compile) := Some(\"a.B\")", "a.B")]
    [InlineData("mainClass := Some(\"a.B; rm\")", null)]
    [InlineData("", null)]
    public void The_main_class_is_a_name_of_Java(string text, string? main) => Assert.Equal(main, ScalaProject.Parse(text).MainClass);

    [Theory]
    [InlineData("libraryDependencies += \"a\" % \"b\" % \"1\"", true)]
    [InlineData("enablePlugins(JavaAppPackaging)", true)]
    [InlineData("name := \"dependsOnNothing\"", false)]
    public void What_only_sbt_can_bring_is_noticed(string text, bool expected) => Assert.Equal(expected, ScalaProject.Parse(text).HasDependencies);

    [Theory]
    [InlineData("", "app")]
    [InlineData("name := \"../../etc\"", "etc")]
    [InlineData("normalizedName := \"x\"", "app")]
    public void The_name_is_fit_for_a_file(string text, string name) => Assert.Equal(name, ScalaProject.Parse(text).Name);

    [Theory]
    [InlineData("package a.b\n\nobject Main extends App {\n}", "a.b.Main")]
    [InlineData("package a\npackage b\nobject Main {\n  def main(args: Array[String]): Unit = {}\n}", "a.b.Main")]
    [InlineData("object Main {\n  object Inner extends App\n  val x = 1\n}", "")]
    [InlineData("object A { val x = 1 }\nobject B { def main(a : Array[ String ]) {} }", "B")]
    [InlineData("// object A extends App\nclass B { def main(args: Array[String]) {} }", "")]
    [InlineData("object A extends Application", "")]
    [InlineData("object A extends App\nobject B extends App", "A,B")]
    public void Objects_that_can_be_started_are_found(string source, string mains) => Assert.Equal(mains, string.Join(',', ScalaProject.MainsOf(source)));

    [Theory]
    [InlineData(null, "not fixed")]
    [InlineData("0.13.17", "not supported")]
    [InlineData("latest", "not supported")]
    [InlineData("0.13.18", null)]
    [InlineData("1.9.9", null)]
    [InlineData("2.0.1", null)]
    public void A_version_of_sbt_is_needed_and_checked(string? version, string? problem)
    {
        if (problem is null)
        {
            Assert.Null(SbtBuild.Problem(version));
        }
        else
        {
            Assert.Contains(problem, SbtBuild.Problem(version), StringComparison.Ordinal);
        }
    }
}
