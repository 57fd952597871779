using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>How a compile ended: <see cref="Compiled"/> or <see cref="CompileFailed"/>.</summary>
public abstract record CompileResult
{
    private protected CompileResult()
    {
    }
}

/// <summary>The tree is ready for the next buildpack, or to become a slug.</summary>
/// <param name="Exports">
/// Variables for the buildpacks after this one (Heroku: the file <c>export</c>), above what they have in <see cref="BuildContext.Environment"/>;
/// <see langword="null"/> for none.
/// </param>
public sealed record Compiled(ImmutableSortedDictionary<string, string>? Exports = null) : CompileResult;

/// <summary>The app could not be built.</summary>
/// <param name="Reason">What went wrong and how to mend it; may have several lines.</param>
public sealed record CompileFailed(string Reason) : CompileResult;
