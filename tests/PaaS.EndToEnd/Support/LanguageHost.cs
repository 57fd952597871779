namespace PaaS.EndToEnd;

/// <summary>A host whose builds use the machine's own packages, as one without a way to the public indexes.</summary>
public sealed class LanguageHost : IAsyncLifetime
{
    internal RunningHost Host { get; private set; } = null!;

    public async Task InitializeAsync() => Host = await RunningHost.StartNewAsync("--offline");

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LanguageCollection : ICollectionFixture<LanguageHost>
{
    public const string Name = "languages";
}
