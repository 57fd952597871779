using PaaS.Buildpacks;

namespace PaaS.Samples;

/// <summary>
/// Builds Perl apps with the machine's own Perl: an <c>app.pl</c>, or a <c>cpanfile</c>, in the root. Checks that the modules which the cpanfile
/// requires are there and that all scripts compile; <c>lib</c> is on the module path when the app runs.
/// </summary>
internal sealed class PerlBuildpack : IBuildpack
{
    /// <summary>A cpanfile is Perl: it is run, by the build's user, to say what it requires.</summary>
    private const string ListRequired = "sub requires { print \"$_[0]\\n\" } sub on {} sub recommends {} do './cpanfile' or die $@ || $!;";

    public string Id => "acme/perl";

    public string DisplayName => "Perl";

    public ValueTask<Detection> DetectAsync(BuildContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(Detection.If(context.Tree.HasFile("app.pl") || context.Tree.HasFile("cpanfile"), "There is neither an app.pl nor a cpanfile in the root of the app."));

    public async ValueTask<CompileResult> CompileAsync(BuildContext context, CancellationToken cancellationToken)
    {
        if (context.FindProgram("perl") is null)
        {
            return new CompileFailed("This machine has no perl. Install it on the platform's machine, for example with 'apt-get install perl'.");
        }

        var (_, version) = await context.ReadAsync(["perl", "-e", "print $^V"], cancellationToken: cancellationToken);
        context.Output.Heading($"Using Perl {version}");
        if (context.Tree.HasFile("cpanfile") && await CheckModulesAsync(context, cancellationToken) is { } problem)
        {
            return new CompileFailed(problem);
        }

        context.Output.Heading("Checking scripts");
        foreach (var script in context.Tree.Files(pattern: "*.pl"))
        {
            var exit = await context.RunAsync(["perl", "-Ilib", "-c", "--", script], cancellationToken: cancellationToken);
            if (!exit.Succeeded)
            {
                return new CompileFailed($"{script} does not compile; perl has said why above.");
            }
        }

        // Sourced by every dyno before its command. $HOME is the app's directory, wherever that is.
        context.WriteFile(".profile.d/perl.sh", "export PERL5LIB=\"$HOME/lib${PERL5LIB:+:$PERL5LIB}\"\n");
        return new Compiled();
    }

    public ValueTask<BuildpackRelease> ReleaseAsync(BuildContext context, CancellationToken cancellationToken) =>
        ValueTask.FromResult(BuildpackRelease.Web(context.Tree.HasFile("app.pl") ? "perl app.pl" : null));

    private static async ValueTask<string?> CheckModulesAsync(BuildContext context, CancellationToken cancellationToken)
    {
        var (listed, required) = await context.ReadAsync(["perl", "-e", ListRequired], cancellationToken: cancellationToken);
        if (!listed.Succeeded)
        {
            return $"The cpanfile can't be read: {required}";
        }

        context.Output.Heading("Checking modules");
        foreach (var module in required.Split('\n', StringSplitOptions.RemoveEmptyEntries).Where(static module => module != "perl"))
        {
            // An argument of its own, not a part of the program text: a name from a cpanfile is the app's.
            var (found, _) = await context.ReadAsync(["perl", "-Ilib", "-e", "(my $file = \"$ARGV[0].pm\") =~ s{::}{/}g; require $file", module], cancellationToken: cancellationToken);
            if (!found.Succeeded)
            {
                return $"The cpanfile requires {module}, which this machine's Perl does not have. Put it below lib, or have its Debian package installed (lib{module.Replace("::", "-", StringComparison.Ordinal).ToLowerInvariant()}-perl).";
            }

            context.Output.Detail(module);
        }

        return null;
    }
}
