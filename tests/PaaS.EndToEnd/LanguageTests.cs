namespace PaaS.EndToEnd;

/// <summary>Every sample app, pushed by git: built, released, answering; again with a change; and again without one.</summary>
[Collection(LanguageCollection.Name)]
public sealed class LanguageTests(LanguageHost shared) : IDisposable
{
    private readonly Client _client = new(shared.Host);

    /// <summary>The samples that there is time for, by name.</summary>
    public static TheoryData<string> Samples { get; } = [.. SampleApp.All.Where(sample => Size.Of(sample.Quick, true)).Select(sample => sample.Name)];

    [Theory]
    [MemberData(nameof(Samples))]
    public async Task A_sample_app_is_pushed_built_and_answers_and_a_push_of_nothing_new_builds_nothing(string name)
    {
        var sample = SampleApp.All.Single(app => app.Name == name);
        var app = await _client.CreateAppAsync();
        using var repository = await Repository.OfSampleAsync(shared.Host, app, name);

        var push = await PushAsync(repository);
        Assert.Contains($"-----> {sample.Detected} app detected", push, StringComparison.Ordinal);
        await AssertPageAsync(app, sample);

        await repository.ChangeAsync(sample.Changes);
        push = await PushAsync(repository);
        Assert.DoesNotContain("No changes since the last build", push, StringComparison.Ordinal);
        await AssertPageAsync(app, sample);

        await repository.CommitAsync("nothing");
        push = await PushAsync(repository);
        Assert.Contains("No changes since the last build", push, StringComparison.Ordinal);
        await AssertPageAsync(app, sample);
        await _client.DoAsync(HttpMethod.Delete, $"/apps/{app}");
    }

    public void Dispose() => _client.Dispose();

    private static async Task<string> PushAsync(Repository repository)
    {
        var push = await repository.PushAsync();
        Assert.True(push.Status == 0, push.Output);
        return push.Output;
    }

    private async Task AssertPageAsync(string app, SampleApp sample)
    {
        var (status, body) = await _client.BrowseAsync(app, sample.Path);
        Assert.True((int)status == 200, $"{status}: {body}");
        Assert.Contains(sample.Says, body, StringComparison.Ordinal);
    }
}
