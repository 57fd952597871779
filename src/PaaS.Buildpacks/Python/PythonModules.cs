namespace PaaS.Buildpacks;

/// <summary>Which modules a built app can import.</summary>
internal static class PythonModules
{
    /// <summary>Whether there is a module, in the app's environment or, if that includes the system's, there.</summary>
    public static bool Has(BuildContext context, string module)
    {
        var library = $"{PythonEnvironment.Directory}/lib";
        if (context.Tree.Directories(library).Any(version => Holds(context.Tree, $"{library}/{version}/site-packages", module)))
        {
            return true;
        }

        var settings = context.Tree.ReadText($"{PythonEnvironment.Directory}/pyvenv.cfg", 64 * 1024);
        return settings?.Contains("include-system-site-packages = true", StringComparison.Ordinal) == true
            && Holds(new SourceTree("/usr/lib"), "python3/dist-packages", module);
    }

    private static bool Holds(SourceTree tree, string packages, string module) =>
        tree.HasDirectory($"{packages}/{module}") || tree.HasFile($"{packages}/{module}.py");
}
