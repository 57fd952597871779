using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Runs the scripts of one buildpack, as Heroku does: as they are, in the buildpack's own root.</summary>
internal sealed class ClassicScripts(BuildContext context, ClassicDirectories directories, string root)
{
    /// <summary>The buildpack's root.</summary>
    public SourceTree Tree { get; } = new(root);

    /// <summary>The variables that the scripts get.</summary>
    public ImmutableSortedDictionary<string, string> Environment { get; } = ClassicEnvironment.Of(context, directories);

    /// <summary>Whether there is a script of this name.</summary>
    /// <exception cref="BuildpackFailedException">A script before has removed the buildpack.</exception>
    public bool Has(string name)
    {
        ThrowIfGone();
        return Tree.HasFile($"bin/{name}");
    }

    /// <summary>Runs bin/compile and shows what it prints, both streams together. CACHE_DIR is there then, whatever was left in its place.</summary>
    /// <param name="arguments">BUILD_DIR, CACHE_DIR, ENV_DIR.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public async ValueTask<ProcessExit> CompileAsync(ImmutableArray<string> arguments, CancellationToken cancellationToken)
    {
        using var output = context.Output.Program(isVerbatim: true);
        return await RunAsync(Script("compile", arguments, """[ -d "$2" ] || { rm -rf "$2" && mkdir -p "$2"; } && """), output.ReadAsync, null, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Runs a script and keeps the beginning of what it prints.</summary>
    /// <param name="name">The script.</param>
    /// <param name="arguments">Its arguments.</param>
    /// <param name="maxBytes">How much of each stream is kept. The rest is read and dropped.</param>
    /// <param name="cancellationToken">Kills it.</param>
    public ValueTask<ScriptOutput> ReadAsync(string name, ImmutableArray<string> arguments, int maxBytes, CancellationToken cancellationToken) =>
        ReadAsync(Script(name, arguments), maxBytes, cancellationToken);

    /// <summary>
    /// Sources a file of the buildpack's in a shell, and gives the variables that the shell has before and then, each ended by NUL, with one more
    /// NUL between.
    /// </summary>
    public ValueTask<ScriptOutput> SourceAsync(string name, int maxBytes, CancellationToken cancellationToken)
    {
        // What the file prints is kept apart from the answer. PATH may be any after it.
        const string Text = """exec 3>&1 1>&2; { /usr/bin/env -0; printf '\0'; } >&3; set -a; . "./$1"; exec /usr/bin/env -0 >&3""";
        return ReadAsync(["/bin/bash", "-c", Text, "export", name], maxBytes, cancellationToken);
    }

    // By bash, which runs a script without a first line, too, and says of an interpreter that is not there that it isn't.
    private ImmutableArray<string> Script(string name, ImmutableArray<string> arguments, string before = "") =>
        ["/bin/bash", "-c", $"""{before}exec "$0" "$@" """, $"{Tree.Root}/bin/{name}", .. arguments];

    private async ValueTask<ScriptOutput> ReadAsync(ImmutableArray<string> command, int maxBytes, CancellationToken cancellationToken)
    {
        var (output, error) = (new BoundedText(maxBytes), new BoundedText(maxBytes));
        var exit = await RunAsync(command, output.ReadAsync, error.ReadAsync, cancellationToken).ConfigureAwait(false);
        return new ScriptOutput(exit, output.ToString(), error.ToString(), output.IsCut);
    }

    private ValueTask<ProcessExit> RunAsync(ImmutableArray<string> command, Func<Stream, Task> output, Func<Stream, Task>? error, CancellationToken cancellationToken)
    {
        ThrowIfGone();
        return context.ExecuteAsync(
            new BuildCommand
            {
                Command = command,
                Environment = Environment,
                WorkingDirectory = Tree.Root,
                Mounts = [.. directories.Mounts],
                Output = output,
                Error = error,
            },
            cancellationToken);
    }

    private void ThrowIfGone()
    {
        if (!Tree.IsThere)
        {
            throw new BuildpackFailedException("The buildpack has removed its own directory, in which its other scripts are to run. It must leave it there.");
        }
    }
}

/// <summary>What a script printed and how it ended.</summary>
/// <param name="Exit">How it ended.</param>
/// <param name="Text">Its output.</param>
/// <param name="Error">Its standard error.</param>
/// <param name="IsCut">Whether there was more output than is kept.</param>
internal sealed record ScriptOutput(ProcessExit Exit, string Text, string Error, bool IsCut);
