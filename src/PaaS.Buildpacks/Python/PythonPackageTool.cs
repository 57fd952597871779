namespace PaaS.Buildpacks;

/// <summary>What installs a Python app's dependencies.</summary>
internal enum PythonPackageTool
{
    /// <summary>pip, from requirements.txt.</summary>
    Pip,

    /// <summary>Pipenv, from Pipfile.lock.</summary>
    Pipenv,

    /// <summary>Poetry, from poetry.lock.</summary>
    Poetry,

    /// <summary>uv, from uv.lock.</summary>
    Uv,
}

/// <summary>Finds which one an app means: exactly one of their files must be there, as on Heroku.</summary>
internal static class PythonPackageTools
{
    private static readonly (PythonPackageTool Tool, string File, string Name)[] All =
    [
        (PythonPackageTool.Pipenv, "Pipfile.lock", "Pipenv"),
        (PythonPackageTool.Pip, "requirements.txt", "pip"),
        (PythonPackageTool.Poetry, "poetry.lock", "Poetry"),
        (PythonPackageTool.Uv, "uv.lock", "uv"),
    ];

    /// <summary>The file of a tool.</summary>
    public static string FileOf(PythonPackageTool tool) => Array.Find(All, entry => entry.Tool == tool).File;

    /// <summary>Finds the tool, or says what is wrong.</summary>
    public static PythonPackageTool? Find(SourceTree tree, out string? problem)
    {
        var found = All.Where(entry => tree.HasFile(entry.File)).ToList();
        problem = found.Count switch
        {
            _ when tree.HasFile("Pipfile") && !tree.HasFile("Pipfile.lock") =>
                "There is a Pipfile, but no Pipfile.lock: the versions of the dependencies are not fixed. Run 'pipenv lock' and commit Pipfile.lock, or replace the Pipfile by a requirements.txt.",
            1 => null,
            0 when tree.HasFile("setup.py") =>
                "There is a setup.py, but no file that says what to install. For an app that is installed from its setup.py, commit a requirements.txt with the line '--editable .'.",
            0 => $"There is no requirements.txt, Pipfile.lock, poetry.lock or uv.lock in the root of the app. It holds: {Root(tree)}. Commit one with this spelling; an app without dependencies needs an empty requirements.txt.",
            _ => $"There are several files that say what to install: {string.Join(", ", found.Select(static entry => $"{entry.File} ({entry.Name})"))}. Keep the one that counts, and remove the others.",
        };
        return problem is null ? found[0].Tool : null;
    }

    private static string Root(SourceTree tree) =>
        string.Join(", ", tree.Directories().Select(static name => name + "/").Concat(tree.Files()).Take(30).Select(TreeName.Shown)) is { Length: > 0 } names ? names : "nothing";
}
