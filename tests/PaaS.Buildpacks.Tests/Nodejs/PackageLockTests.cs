namespace PaaS.Buildpacks.Tests;

public sealed class PackageLockTests
{
    [Theory]
    [InlineData("""{"lockfileVersion":3,"packages":{"":{"name":"a"},"node_modules/b":{"version":"1.0.0"}}}""", false, false)]
    [InlineData("""{"packages":{"":{"dev":true},"node_modules/b":{"dev":true}}}""", false, true)]
    [InlineData("""{"packages":{"node_modules/b":{"devOptional":true}}}""", false, true)]
    [InlineData("""{"packages":{"node_modules/b":{"link":true,"resolved":"libs/b"},"libs/b":{}}}""", true, false)]
    [InlineData("""{"packages":{"node_modules/b":{"resolved":"file:b.tgz"}}}""", true, false)]
    [InlineData("""{"packages":{"node_modules/b":5}}""", false, false)]
    public void What_decides_the_install_is_read(string text, bool links, bool development)
    {
        var locked = PackageLock.Parse(text);

        Assert.NotNull(locked);
        Assert.Equal((links, development), (locked.HasLinks, locked.HasDevelopment));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("""{"lockfileVersion":1,"dependencies":{}}""")]
    [InlineData("<<<<<<< HEAD")]
    public void What_npm_7_did_not_write_is_left_to_npm(string text) => Assert.Null(PackageLock.Parse(text));

    [Fact]
    public void Modules_are_the_same_only_if_all_that_decides_them_is()
    {
        using var temp = new TempDirectory();
        var tree = new SourceTree(temp.Path);
        var environment = new Dictionary<string, string> { ["NODE_ENV"] = "production" };
        const string Package = """{"version":"1","dependencies":{"b":"1"},"scripts":{"build":"x"}}""";
        const string Lock = """{"packages":{"node_modules/b":{"version":"1.0.0"}}}""";
        var key = Key(Package);

        Assert.NotNull(key);
        Assert.Equal(key, Key(Package.Replace("\"version\":\"1\"", "\"version\":\"2\"", StringComparison.Ordinal)));
        Assert.NotEqual(key, Key(Package.Replace("\"b\":\"1\"", "\"b\":\"2\"", StringComparison.Ordinal)));
        Assert.NotEqual(key, Key(Package, Lock.Replace("1.0.0", "1.0.1", StringComparison.Ordinal)));
        Assert.NotEqual(key, Key(Package, node: "22.0.0"));
        Assert.NotEqual(key, Key(Package, variable: ("npm_config_omit", "optional")));
        Assert.Equal(key, Key(Package, variable: ("GREETING", "hello")));
        Assert.Null(Key(Package, variable: ("NODE_MODULES_CACHE", "false")));
        Assert.Null(Key(Package.Replace("build", "postinstall", StringComparison.Ordinal)));
        Assert.Null(Key("""{"workspaces":["a"]}"""));
        File.WriteAllText(temp[".npmrc"], "omit=optional");
        Assert.NotEqual(key, Key(Package));
        File.WriteAllText(temp["binding.gyp"], "{}");
        Assert.Null(Key(Package));

        string? Key(string package, string locked = Lock, string node = "20.0.0", (string Name, string Value)? variable = null)
        {
            Assert.True(PackageJson.TryParse(package, out var parsed, out _));
            var variables = new Dictionary<string, string>(environment);
            if (variable is var (name, value))
            {
                variables[name] = value;
            }

            return NodeModulesCache.KeyOf(parsed, PackageLock.Parse(locked), tree, node, variables);
        }
    }
}
