using System.Text;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks.Tests;

/// <summary>Vendors the modules of a go.mod from what Debian's packages install, as 'go mod vendor' does from the proxy.</summary>
internal static partial class SystemSources
{
    private const string Root = "/usr/share/gocode/src";

    public static TarBuilder Vendor(TarBuilder source)
    {
        var list = new StringBuilder();
        foreach (Match required in Requirement().Matches(File.ReadAllText(SampleApp.PathOf("go-gin", "go.mod"))))
        {
            var module = required.Groups[1].Value;
            list.Append($"# {module} {required.Groups[2].Value}\n## explicit; go 1.18\n");
            var directory = Path.Combine(Root, module);
            if (!Directory.Exists(directory))
            {
                // Needed by one of the others' tests or build tags alone.
                continue;
            }

            foreach (var package in Directory.GetDirectories(directory, "*", SearchOption.AllDirectories).Prepend(directory).Order(StringComparer.Ordinal))
            {
                var files = Directory.GetFiles(package).Where(static f => Path.GetExtension(f) is ".go" or ".s" or ".h" && !f.EndsWith("_test.go", StringComparison.Ordinal)).ToList();
                if (files.Count > 0 && !package.Split('/').Any(static part => part is "testdata" or "_examples"))
                {
                    list.Append(Path.GetRelativePath(Root, package)).Append('\n');
                    foreach (var file in files)
                    {
                        source.Entry('0', $"vendor/{Path.GetRelativePath(Root, file)}", content: File.ReadAllBytes(file));
                    }
                }
            }
        }

        return source.File("vendor/modules.txt", list.ToString());
    }

    [GeneratedRegex(@"^(?:require |\t)(\S+/\S+) (v\S+)", RegexOptions.Multiline)]
    private static partial Regex Requirement();
}
