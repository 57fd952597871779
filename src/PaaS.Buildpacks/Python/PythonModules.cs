namespace PaaS.Buildpacks;

/// <summary>Which modules a built app can import.</summary>
internal static class PythonModules
{
    /// <summary>Whether there is a module in the app's own environment.</summary>
    public static bool HasOwn(BuildContext context, string module)
    {
        const string Library = $"{PythonEnvironment.Directory}/lib";
        return context.Tree.Directories(Library).Any(version => Holds(context.Tree, $"{Library}/{version}/site-packages", module));
    }

    /// <summary>Whether there is a module in the app's environment or, if that includes the system's, there.</summary>
    public static bool Has(BuildContext context, string module)
    {
        if (HasOwn(context, module))
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
