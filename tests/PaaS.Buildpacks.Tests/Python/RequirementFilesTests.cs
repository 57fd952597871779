namespace PaaS.Buildpacks.Tests;

public sealed class RequirementFilesTests : IDisposable
{
    private readonly TempDirectory _temp = new();

    public void Dispose() => _temp.Dispose();

    [Fact]
    public void Names_are_those_of_packages_and_not_of_paths_options_or_comments()
    {
        Tree.Write(_temp.Path, ("requirements.txt", """
            # flask
            Django>=3.2,<5
            gunicorn==20.1 ; python_version >= "3.8"
            uvicorn[standard]
            zope.interface ~= 5.0 \
                --hash=sha256:abc
            pkg @ https://example.test/pkg.whl
            ./local
            local/dir
            https://example.test/x.whl
            -e git+https://example.test/y#egg=y
            --index-url https://example.test
            -r more/dev.txt
            -c constraints.txt
            """), ("more/dev.txt", "six\n-r ../requirements.txt\n-r deeper.txt"), ("more/deeper.txt", "attrs"), ("constraints.txt", "idna==3.3"));

        var files = RequirementFiles.Read(new SourceTree(_temp.Path), "requirements.txt");

        Assert.Equal(["Django", "gunicorn", "uvicorn", "zope.interface", "pkg", "six", "attrs"], files.Names);
        Assert.Contains("idna==3.3", files.Text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_line_takes_no_longer_than_many_short_ones()
    {
        Tree.Write(_temp.Path, ("requirements.txt", $"-r{new string(' ', 1_500_000)}#\nsix\n"));

        Assert.Equal(["six"], RequirementFiles.Read(new SourceTree(_temp.Path), "requirements.txt").Names);
    }

    [Fact]
    public void All_files_together_have_a_limit()
    {
        var large = $"# {new string('x', 2_000_000)}\n";
        Tree.Write(_temp.Path, ("requirements.txt", "-r 1\n-r 2\n-r 3\n-r 4\n-r 5\n"), ("1", large), ("2", large), ("3", large), ("4", large), ("5", large));

        var refusal = Assert.Throws<InvalidDataException>(() => RequirementFiles.Read(new SourceTree(_temp.Path), "requirements.txt"));
        Assert.Contains("larger than 8 MB", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void The_text_changes_with_an_included_file()
    {
        Tree.Write(_temp.Path, ("requirements.txt", "-c constraints.txt\nsix"), ("constraints.txt", "six==1.15"));
        var before = RequirementFiles.Read(new SourceTree(_temp.Path), "requirements.txt").Text;

        Tree.Write(_temp.Path, ("constraints.txt", "six==1.16"));

        Assert.NotEqual(before, RequirementFiles.Read(new SourceTree(_temp.Path), "requirements.txt").Text);
    }

    [Fact]
    public void A_chain_of_files_has_an_end()
    {
        Tree.Write(_temp.Path, [("requirements.txt", "-r r0.txt"), .. Enumerable.Range(0, 200).Select(static i => ($"r{i}.txt", $"-r r{i + 1}.txt"))]);

        Assert.Throws<InvalidDataException>(() => RequirementFiles.Read(new SourceTree(_temp.Path), "requirements.txt"));
    }

    [Theory]
    [InlineData("requirements.txt", null)]
    [InlineData("Pipfile", "no Pipfile.lock")]
    [InlineData("setup.py", "--editable .")]
    [InlineData("manage.py", "It holds: manage.py.")]
    [InlineData("requirements.txt,uv.lock", "requirements.txt (pip), uv.lock (uv)")]
    [InlineData("Pipfile,requirements.txt", "no Pipfile.lock")]
    public void Exactly_one_tool_must_be_meant(string files, string? problem)
    {
        Tree.Write(_temp.Path, [.. files.Split(',').Select(static file => (file, ""))]);

        var tool = PythonPackageTools.Find(new SourceTree(_temp.Path), out var said);

        Assert.Equal(problem is null, tool is not null);
        Assert.Contains(problem ?? string.Empty, said ?? string.Empty, StringComparison.Ordinal);
    }

    [Fact]
    public void A_long_line_is_read_in_time_in_proportion_to_it()
    {
        // A reader that tried every way to part the blanks would need hours.
        Tree.Write(_temp.Path, ("requirements.txt", "-r" + new string(' ', 1_000_000) + "#\nflask\n"));

        Assert.Equal(["flask"], RequirementFiles.Read(new SourceTree(_temp.Path), "requirements.txt").Names);
    }
}
