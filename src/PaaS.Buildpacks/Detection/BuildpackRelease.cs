using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>What a buildpack says of the app that it has built (Heroku: <c>bin/release</c>).</summary>
public sealed record BuildpackRelease
{
    /// <summary>Nothing.</summary>
    public static BuildpackRelease Empty { get; } = new();

    /// <summary>Process types for names that the Procfile does not declare. Commands are for the shell of the dyno, with <c>$PORT</c> unexpanded.</summary>
    public ImmutableSortedDictionary<ProcessType, string> DefaultProcessTypes { get; init; } = ImmutableSortedDictionary<ProcessType, string>.Empty;

    /// <summary>Config vars for an app that has none of these names.</summary>
    public ImmutableSortedDictionary<string, string> ConfigVars { get; init; } = ImmutableSortedDictionary<string, string>.Empty;

    /// <summary>Add-ons that the app wants with its first release, such as <c>heroku-postgresql</c>.</summary>
    public ImmutableArray<string> AddOns { get; init; } = [];

    /// <summary>One process type, <c>web</c>.</summary>
    /// <param name="command">Its command; <see langword="null"/> for none.</param>
    public static BuildpackRelease Web(string? command) =>
        command is null ? Empty : new() { DefaultProcessTypes = Empty.DefaultProcessTypes.Add(ProcessType.Web, command) };
}
