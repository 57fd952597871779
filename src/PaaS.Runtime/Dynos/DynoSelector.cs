namespace PaaS.Runtime;

/// <summary>Which dynos of an app a restart or a stop means: all, those of one process type, or one.</summary>
public sealed record DynoSelector
{
    private DynoSelector()
    {
    }

    /// <summary>Every dyno of the formation.</summary>
    public static DynoSelector All { get; } = new();

    /// <summary>The process type that is meant; <see langword="null"/> if the type does not matter.</summary>
    public ProcessType? Type { get; private init; }

    /// <summary>The one dyno that is meant; <see langword="null"/> if more are.</summary>
    public DynoName? Name { get; private init; }

    /// <summary>The dynos of one process type.</summary>
    /// <param name="type">The type.</param>
    public static DynoSelector OfType(ProcessType type) => new() { Type = type };

    /// <summary>One dyno.</summary>
    /// <param name="name">Its name.</param>
    public static DynoSelector One(DynoName name) => new() { Name = name };

    /// <summary>Whether a dyno is meant.</summary>
    /// <param name="name">The dyno's name.</param>
    public bool Matches(DynoName name) => (Type is null || Type == name.Type) && (Name is null || Name == name);

    /// <summary>Whether every dyno that another one means is meant.</summary>
    internal bool Covers(DynoSelector other) => (Type is null && Name is null) || this == other || (Type is { } type && other.Name is { } name && type == name.Type);

    /// <inheritdoc/>
    public override string ToString() => Name?.ToString() ?? Type?.ToString() ?? "all";
}
