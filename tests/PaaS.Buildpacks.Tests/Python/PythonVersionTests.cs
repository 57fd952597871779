namespace PaaS.Buildpacks.Tests;

public sealed class PythonVersionTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Theory]
    [InlineData(">=3.9", "3.11.2", true)]
    [InlineData(">=3.9", "3.8.20", false)]
    [InlineData(">= 3.9, < 3.11", "3.11.0", false)]
    [InlineData(">=3.9,!=3.11.*", "3.11.2", false)]
    [InlineData(">=3.9,!=3.10.*", "3.11.2", true)]
    [InlineData("==3.11.*", "3.11.2", true)]
    [InlineData("==3.11", "3.11.2", false)]
    [InlineData("~=3.10", "3.11.2", true)]
    [InlineData("~=3.10.1", "3.11.2", false)]
    [InlineData("^3.10", "3.11.2", true)]
    [InlineData("^3.12", "3.11.2", false)]
    [InlineData("~3.11", "3.11.2", true)]
    [InlineData("~3.10", "3.11.2", false)]
    [InlineData("^2.7 || ^3.9", "3.11.2", true)]
    [InlineData("<=3.11.2", "3.11.2", true)]
    [InlineData(">3.11.2", "3.11.2", false)]
    [InlineData("*", "3.11.2", true)]
    public void Conditions_are_those_of_PEP_440_and_of_Poetry(string condition, string version, bool holds)
    {
        Assert.True(PythonVersionCondition.TryParse(condition, out var parsed));

        Assert.Equal(holds, parsed.Contains(Version.Parse(version)));
    }

    [Theory]
    [InlineData("")]
    [InlineData("newest")]
    [InlineData(">=3.x")]
    [InlineData(">=3.9.*")]
    [InlineData("3.9.1.2")]
    [InlineData(">=99999999999")]
    [InlineData("^3.9 ||")]
    public void What_is_no_condition_is_refused(string condition) => Assert.False(PythonVersionCondition.TryParse(condition, out _));

    [Theory]
    [InlineData(".python-version", "3.11\n", "3.11")]
    [InlineData(".python-version", "# ours\n\n 3.11.4 \r\n", "3.11.4")]
    [InlineData("runtime.txt", "python-3.11.4\n", "3.11.4")]
    [InlineData("Pipfile.lock", """{"_meta":{"requires":{"python_version":"3.11"}}}""", "3.11")]
    [InlineData("Pipfile.lock", """{"_meta":{"requires":{"python_version":"3.11","python_full_version":"3.11.9"}}}""", "3.11.9")]
    [InlineData("pyproject.toml", "[project]\nname = \"x\"\nrequires-python = \">=3.9\" # so\n", ">=3.9")]
    [InlineData("pyproject.toml", "[tool.poetry.dependencies]\npython = '^3.9'\n", "^3.9")]
    [InlineData("pyproject.toml", "[tool.other]\nrequires-python = \">=3.99\"\n", null)]
    [InlineData("requirements.txt", "flask", null)]
    public void A_version_is_read_from_where_the_app_says_it(string file, string content, string? expected)
    {
        Tree.Write(_temp.Path, (file, content));

        var request = PythonVersionRequest.Read(new SourceTree(_temp.Path), file == "Pipfile.lock" ? PythonPackageTool.Pipenv : PythonPackageTool.Pip, out var problem);

        Assert.Null(problem);
        Assert.Equal(expected, request?.Text);
    }

    [Fact]
    public void Runtime_txt_comes_before_python_version_as_on_Heroku()
    {
        Tree.Write(_temp.Path, ("runtime.txt", "python-3.10.1"), (".python-version", "3.11"), ("pyproject.toml", "[project]\nrequires-python = \">=3.12\""));

        Assert.Equal("runtime.txt", PythonVersionRequest.Read(new SourceTree(_temp.Path), PythonPackageTool.Pip, out _)!.Origin);
    }

    [Theory]
    [InlineData(".python-version", "", "no version in .python-version")]
    [InlineData(".python-version", "3.11\n3.12\n", "several versions")]
    [InlineData(".python-version", "python-3.11", "no version of Python")]
    [InlineData(".python-version", "3.*", "no version of Python")]
    [InlineData("runtime.txt", "3.11", "Write python-3.11")]
    [InlineData("Pipfile.lock", "{", "not valid JSON")]
    [InlineData("pyproject.toml", "[project]\nrequires-python = \"new\"", "no condition on versions")]
    public void A_version_that_is_none_is_explained(string file, string content, string expected)
    {
        Tree.Write(_temp.Path, (file, content));

        Assert.Null(PythonVersionRequest.Read(new SourceTree(_temp.Path), PythonPackageTool.Pipenv, out var problem));

        Assert.Contains(expected, problem, StringComparison.Ordinal);
    }
}
