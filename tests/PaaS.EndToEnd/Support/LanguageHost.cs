namespace PaaS.EndToEnd;

/// <summary>A host whose builds use the machine's own packages, as one without a way to the public indexes.</summary>
public sealed class LanguageHost : IAsyncLifetime
{
    // A JVM on a busy machine takes its time.
    internal RunningHost Host { get; } = new("--offline") { BootTimeout = 60 };

    public Task InitializeAsync() => Host.StartAsync();

    public async Task DisposeAsync() => await Host.DisposeAsync();
}

[CollectionDefinition(Name, DisableParallelization = true)]
public sealed class LanguageCollection : ICollectionFixture<LanguageHost>
{
    public const string Name = "languages";
}
