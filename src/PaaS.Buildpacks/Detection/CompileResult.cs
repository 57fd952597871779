using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>How a compile ended: <see cref="Compiled"/> or <see cref="CompileFailed"/>.</summary>
public abstract record CompileResult
{
    private protected CompileResult()
    {
    }
}

/// <summary>The tree is ready to become a slug.</summary>
/// <param name="DefaultProcessTypes">Process types for names that the Procfile does not declare. Commands are for the shell of the dyno, with <c>$PORT</c> unexpanded.</param>
public sealed record Compiled(ImmutableSortedDictionary<ProcessType, string> DefaultProcessTypes) : CompileResult
{
    /// <summary>Ready, without process types of its own.</summary>
    public static Compiled WithoutDefaults { get; } = new(ImmutableSortedDictionary<ProcessType, string>.Empty);
}

/// <summary>The app could not be built.</summary>
/// <param name="Reason">What went wrong and how to mend it; may have several lines.</param>
public sealed record CompileFailed(string Reason) : CompileResult;
