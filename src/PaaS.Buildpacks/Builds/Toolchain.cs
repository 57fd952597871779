namespace PaaS.Buildpacks;

/// <summary>What buildpacks say of programs that the machine must have: builds use the machine's own, and install none.</summary>
internal static class Toolchain
{
    /// <summary>Why a build can't begin, or null if all programs are there.</summary>
    /// <param name="context">The build.</param>
    /// <param name="language">What they belong to, for people: <c>Ruby</c>.</param>
    /// <param name="packages">Debian's packages of them, parted by blanks.</param>
    /// <param name="programs">Their names.</param>
    public static string? Missing(BuildContext context, string language, string packages, params ReadOnlySpan<string> programs)
    {
        foreach (var program in programs)
        {
            if (context.FindProgram(program) is null)
            {
                return $"This machine has no {program} on {context.Environment["PATH"]}. Install {language} on the platform's machine, for example with 'apt-get install {packages}'.";
            }
        }

        return null;
    }

    /// <summary>What is said of a version that the app asks for and the machine does not have.</summary>
    /// <param name="place">Where the app asks: <c>engines.node in package.json</c>.</param>
    /// <param name="wanted">What for.</param>
    /// <param name="found">What there is: <c>Node.js 20.20.2</c>.</param>
    public static string Unmet(string place, string wanted, string found) =>
        $"{place} asks for {TreeName.Shown(wanted)}, but this platform has {found}. Ask for a version that it has, or have the other one installed on the platform's machine.";
}
