namespace PaaS.Buildpacks.Tests;

public sealed class JvmVersionsTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    [Theory]
    [InlineData("java.runtime.version=17", "17")]
    [InlineData("java.runtime.version = 1.8\r\n", "1.8")]
    [InlineData("# a\nmaven.version=3\njava.runtime.version\t zulu-21.0.2 # newest", "zulu-21.0.2")]
    [InlineData("java.runtime.version=", null)]
    [InlineData(" java.runtime.version=17", null)]
    [InlineData("java.runtime.versions=17", null)]
    [InlineData("xjava.runtime.version=17", null)]
    [InlineData("javaXruntime.version=17", null)]
    public void A_property_is_read_by_Herokus_rule(string text, string? expected)
    {
        Tree.Write(_temp.Path, ("system.properties", text));

        Assert.Equal(expected, JavaProperties.Read(new SourceTree(_temp.Path), "system.properties", "java.runtime.version"));
    }

    [Fact]
    public void A_file_that_is_not_there_has_no_properties() =>
        Assert.Null(JavaProperties.Read(new SourceTree(_temp.Path), "system.properties", "java.runtime.version"));

    [Theory]
    [InlineData("17", 17, null)]
    [InlineData("1.8", 8, null)]
    [InlineData("1.8.0_362", 8, "0_362")]
    [InlineData("8", 8, null)]
    [InlineData("11.0.2", 11, "0.2")]
    [InlineData("zulu-21", 21, null)]
    [InlineData("openjdk-17.0.15+6", 17, "0.15")]
    [InlineData("21-ea", 21, null)]
    public void A_version_is_a_number_and_an_update(string text, int major, string? update)
    {
        Assert.True(JavaVersion.TryParse(text, out var version));
        Assert.Equal(new JavaVersion(major, update), version);
    }

    [Theory]
    [InlineData("")]
    [InlineData("latest")]
    [InlineData("17.")]
    [InlineData("0")]
    [InlineData("17 ")]
    [InlineData("9999")]
    public void Other_words_are_no_version(string text) => Assert.False(JavaVersion.TryParse(text, out _));

    [Theory]
    [InlineData("17", "17.0.15", true)]
    [InlineData("17.0", "17.0.15", true)]
    [InlineData("17.0.1", "17.0.15", false)]
    [InlineData("17.0.15", "17.0.15", true)]
    [InlineData("11", "17.0.15", false)]
    public void A_version_is_met_by_its_own_updates(string wanted, string installed, bool expected)
    {
        Assert.True(JavaVersion.TryParse(wanted, out var version));
        Assert.True(JavaVersion.TryParse(installed, out var other));
        Assert.Equal(expected, version.IsExactly(other));
    }

    [Fact]
    public void Kits_are_found_once_each_the_operators_first_and_the_newest_next()
    {
        Kit("jdk-11", "11.0.2");
        Kit("jdk-17", "17.0.15");
        Kit("jdk-21", "21.0.1");
        Kit("own", "8.0.1", "own/here");
        Tree.Write(_temp["jdks/runtime-only"], ("release", "JAVA_VERSION=\"22\"\n"), ("bin/java", ""));
        Tree.Write(_temp["jdks/nameless"], ("bin/javac", ""));
        File.CreateSymbolicLink(_temp["jdks/default-java"], "jdk-11");
        File.CreateSymbolicLink(_temp["jdks/java-1.21.0"], "jdk-21");

        var kits = Jdk.List(new Dictionary<string, string> { ["JAVA_HOME"] = _temp["own/here"], ["PATH"] = _temp["jdks/jdk-17/bin"] }, _temp["jdks"]);

        Assert.Equal(["8", "11", "17", "21"], kits.Select(static k => k.Version.Major.ToString(System.Globalization.CultureInfo.InvariantCulture)));
        Assert.Equal(_temp["jdks/jdk-11"], kits[1].Home);
    }

    [Fact]
    public void A_machine_without_kits_has_none() => Assert.Empty(Jdk.List(new Dictionary<string, string>(), _temp["nowhere"]));

    public void Dispose() => _temp.Dispose();

    private void Kit(string name, string version, string? place = null) =>
        Tree.Write(_temp[place ?? $"jdks/{name}"], ("release", $"IMPLEMENTOR=\"x\"\nJAVA_VERSION=\"{version}\"\n"), ("bin/javac", ""));
}
