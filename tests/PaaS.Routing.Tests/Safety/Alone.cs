namespace PaaS.Routing.Tests;

/// <summary>Tests that need the machine to themselves: they come one at a time, after the others.</summary>
[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class Alone
{
    public const string Name = "alone";
}
