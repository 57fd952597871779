namespace PaaS.Hosting.Tests;

public sealed class InMemoryJournalTests : JournalConformance
{
    protected override ValueTask<IJournal> MakeAsync() => ValueTask.FromResult<IJournal>(new InMemoryJournal());
}
