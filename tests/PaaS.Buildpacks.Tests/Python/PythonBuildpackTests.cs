namespace PaaS.Buildpacks.Tests;

[Collection(RealBuilds.Name)]
public sealed class PythonBuildpackTests
{
    private static readonly PackageSources Offline = new() { Offline = true };

    [Fact]
    public async Task The_Flask_sample_is_built_from_the_systems_packages_and_serves_from_any_directory()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Packages = Offline });

        var built = await rig.SucceedAsync(SampleApp.Source("flask"));

        await using (var app = await RunningApp.ServeAsync(rig, built.Slug))
        {
            Assert.Contains("2 words, 5 characters, counted by Flask on web.1", await app.Client.GetStringAsync("/?text=of+us"), StringComparison.Ordinal);
        }

        Assert.Contains("-----> Python app detected", rig.Output, StringComparison.Ordinal);
        Assert.Contains(" for >=3.8 specified in requires-python in pyproject.toml\n", rig.Output, StringComparison.Ordinal);
        Assert.DoesNotContain("collectstatic", rig.Output, StringComparison.Ordinal);
        var again = await rig.SucceedAsync(SampleApp.Source("flask"), RealBuilds.Again);
        Assert.Contains("-----> Restoring cache", rig.Output, StringComparison.Ordinal);
        Assert.Equal(built.Slug.Id, again.Slug.Id);
        rig.AssertNothingLeft();
    }

    [FullFact]
    public async Task The_Django_sample_collects_its_assets_and_keeps_what_is_written()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Packages = Offline });

        var built = await rig.SucceedAsync(SampleApp.Source("django"));

        Assert.Contains("-----> $ python manage.py collectstatic --noinput", rig.Output, StringComparison.Ordinal);
        await using var app = await RunningApp.ServeAsync(rig, built.Slug);
        var page = await app.Client.GetStringAsync("/");
        Assert.Contains("0 entries, kept by Django.", page, StringComparison.Ordinal);
        var style = System.Text.RegularExpressions.Regex.Match(page, "href=\"(/static/entries/style\\.[0-9a-f]+\\.css)\"").Groups[1].Value;
        Assert.Contains("#0c4b33", await app.Client.GetStringAsync(style), StringComparison.Ordinal);
        var token = System.Text.RegularExpressions.Regex.Match(page, "name=\"csrfmiddlewaretoken\" value=\"([^\"]+)\"").Groups[1].Value;
        using var form = new FormUrlEncodedContent([new("csrfmiddlewaretoken", token), new("name", "Ada"), new("text", "Hello")]);
        using var written = await app.Client.PostAsync("/", form);
        Assert.Contains("1 entry, kept by Django.", await written.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Packages_come_from_the_mirror_once_and_the_version_that_is_asked_for()
    {
        await using var index = new LoopbackIndex();
        Wheel.Publish(index, "greet", "1.0", "1.1", "2.0");
        Wheel.Publish(index, "other", "3.0");
        await using var rig = await BuildRig.Sandboxed(options: o => o with { Network = ProcessNetwork.Host, Packages = new() { PyPi = new Uri(index.Address, "simple/") } });
        var source = new TarBuilder().File("requirements.txt", "greet<2\n").File(".python-version", "3").File("Procfile", "web: greet\n");

        Assert.Contains("is no version of Python", Assert.IsType<BuildFailed>(await rig.BuildAsync(source)).Reason, StringComparison.Ordinal);
        source = new TarBuilder().File("requirements.txt", "greet<2\n").File("Procfile", "web: greet\n");
        var built = await rig.SucceedAsync(source);

        Assert.Contains(" !     No Python version was specified. Write one (3.", rig.Output, StringComparison.Ordinal);
        Assert.Equal("greet 1.1", await RunningApp.RunAsync(rig, built.Slug, "greet"));
        Assert.Contains("files/greet-1.1-py3-none-any.whl", index.Requests);
        index.Forget();
        var again = await rig.SucceedAsync(source, RealBuilds.Again);
        Assert.Empty(index.Requests);
        Assert.Equal(built.Slug.Id, again.Slug.Id);

        source = new TarBuilder().File("requirements.txt", "other\n").File("Procfile", "web: other\n");
        var changed = await rig.SucceedAsync(source);
        Assert.Contains("-----> Discarding cache", rig.Output, StringComparison.Ordinal);
        Assert.Equal("other 3.0", await RunningApp.RunAsync(rig, changed.Slug, "other"));
        Assert.DoesNotContain("greet 1", await RunningApp.RunAsync(rig, changed.Slug, "greet || true"), StringComparison.Ordinal);
        rig.AssertNothingLeft();
    }

    [Fact]
    public async Task Offline_what_the_app_asks_for_counts_where_distributions_disagree_about_the_rest()
    {
        await using var rig = await BuildRig.Sandboxed(options: static o => o with { Packages = Offline });
        var source = new TarBuilder().File("requirements.txt", "greet\ngunicorn\n").Entry('0', "wheelhouse/greet-1.0-py3-none-any.whl", content: Wheel.Make("greet", "1.0", "gunicorn>=999"));

        var built = await rig.SucceedAsync(source);

        Assert.Contains(" !     The system's packages don't meet all declared versions", rig.Output, StringComparison.Ordinal);
        Assert.Equal("greet 1.0", await RunningApp.RunAsync(rig, built.Slug, "greet"));
        var place = await RunningApp.RunAsync(rig, built.Slug, "command -v gunicorn; gunicorn --version");
        Assert.Contains("/.heroku/python/bin/gunicorn", place, StringComparison.Ordinal);
        Assert.Contains("gunicorn (version", place, StringComparison.Ordinal);

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("requirements.txt", "no-such-package-anywhere\n")));
        Assert.Contains("commit wheels to wheelhouse/", failed.Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Without_a_sandbox_a_module_in_place_and_programs_are_found_where_the_dyno_is()
    {
        await using var rig = new BuildRig(options: static o => o with { Packages = Offline });
        var source = new TarBuilder()
            .File("requirements.txt", "-e ./lib\n")
            .File("lib/setup.py", "from setuptools import setup\nsetup(name='inplace', version='1.0', py_modules=['inplace'], entry_points={'console_scripts': ['inplace = inplace:main']})\n")
            .File("lib/inplace.py", "def main():\n    print('in place', __file__)\n")
            .File("bin/pre_compile", "echo before $GREETING $(pwd)\n")
            .File("bin/post_compile", "#!/bin/sh\necho after $(command -v python) && pip --version\n");
        Assert.True(ConfigPatch.TryCreate([new("GREETING", "hello"), new("PYTHONHOME", "/nowhere")], out var patch, out _));

        var built = await rig.SucceedAsync(source, ConfigVars.Empty.Apply(patch));

        Assert.Contains($"       before hello {rig.Temp["builds"]}/", rig.Output, StringComparison.Ordinal);
        Assert.Matches("after .*/app/.heroku/python/bin/python\n", rig.Output);
        Assert.Contains("       pip ", rig.Output, StringComparison.Ordinal);
        Assert.Matches("^in place .*/dyno-[0-9a-f]+/lib/inplace.py$", await RunningApp.RunAsync(rig, built.Slug, "inplace"));
        Assert.Equal("2 heroku/python", await RunningApp.RunAsync(rig, built.Slug, "echo $WEB_CONCURRENCY $WEB_CONCURRENCY_SET_BY"));
        rig.AssertNothingLeft();
    }

    [Theory]
    [InlineData(".python-version", "3.6", ".python-version asks for Python 3.6, but this platform has Python 3.")]
    [InlineData("runtime.txt", "python-2.7.18", "runtime.txt asks for Python 2.7.18")]
    [InlineData("pyproject.toml", "[project]\nrequires-python = \">=3.50\"\n", "requires-python in pyproject.toml asks for Python >=3.50")]
    [InlineData(".heroku/python/bin/python", "x", "The app holds .heroku/python")]
    [InlineData("venv/pyvenv.cfg", "x", "git rm -r --cached venv")]
    [InlineData("bin/pre_compile", "echo broken; exit 4\n", "bin/pre_compile ended with status 4")]
    [InlineData("uv.lock", "", "Keep the one that counts")]
    public async Task What_can_not_be_built_is_explained(string file, string content, string expected)
    {
        await using var rig = new BuildRig();

        var failed = Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("requirements.txt", "").File(file, content)));

        Assert.Equal("Python", failed.Buildpack);
        Assert.Contains(expected, failed.Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("uv", "uv.lock", "uv sync --locked --no-default-groups --compile-bytecode --no-progress")]
    [InlineData("poetry", "poetry.lock", "poetry sync --only main --compile --no-ansi --no-interaction")]
    [InlineData("pipenv", "Pipfile.lock", "pipenv install --deploy")]
    public async Task Another_tool_fills_the_environment_if_it_is_there(string tool, string file, string command)
    {
        await using var rig = new BuildRig(options: static o => WithPath(o, o.BuildsDirectory + "/../tools:/usr/bin:/bin"));
        var source = new TarBuilder().File(file, "{}").File("pyproject.toml", "[project]\nrequires-python = \">=3.8\"\n");
        Assert.Contains($"this platform has no {tool}", Assert.IsType<BuildFailed>(await rig.BuildAsync(source)).Reason, StringComparison.Ordinal);

        // What the tool does is its own affair; what it is told is ours.
        Tree.Write(rig.Temp.Path, ($"tools/{tool}", $"#!/bin/sh\n[ \"$1\" != --version ] || exec echo \"Poetry (version 2.1.3)\"\necho ran {tool} \"$@\"\necho into \"$VIRTUAL_ENV\" \"$UV_PROJECT_ENVIRONMENT\"\n\"$VIRTUAL_ENV/bin/python\" -c 'import sys; print(sys.prefix)'\n"));
        File.SetUnixFileMode(rig.Temp["tools"], (UnixFileMode)0b111_101_101);
        File.SetUnixFileMode(rig.Temp[$"tools/{tool}"], (UnixFileMode)0b111_101_101);
        await rig.SucceedAsync(source);

        Assert.Contains($"       ran {command}\n", rig.Output, StringComparison.Ordinal);
        Assert.Matches("       into .*/app/.heroku/python", rig.Output);
        await using var offline = new BuildRig(options: static o => o with { Packages = Offline });
        Assert.Contains($"{tool} can't", Assert.IsType<BuildFailed>(await offline.BuildAsync(source)).Reason, StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_machine_without_Python_says_how_to_get_it()
    {
        await using var rig = new BuildRig(options: static o => WithPath(o, "/nonexistent"));

        Assert.Contains("apt-get install", Assert.IsType<BuildFailed>(await rig.BuildAsync(new TarBuilder().File("requirements.txt", ""))).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("manage.py,lib/a,lib/b/manage.py", "manage.py")]
    [InlineData("b/manage.py,a/x/manage.py", "b/manage.py")]
    [InlineData("b/y/manage.py,a/x/manage.py", "a/x/manage.py")]
    [InlineData("a/b/c/manage.py", null)]
    public void Manage_py_is_the_least_deep(string files, string? expected)
    {
        using var temp = new TempDirectory();
        Tree.Write(temp.Path, [.. files.Split(',').Select(static file => (file, ""))]);

        Assert.Equal(expected, DjangoAssets.FindManage(new SourceTree(temp.Path)));
    }

    private static BuildOptions WithPath(BuildOptions options, string path) =>
        options with { Environment = options.Environment.Append(new("PATH", path)).ToDictionary() };
}
