namespace PaaS.Routing.Tests;

/// <summary>Waits for what gives no event.</summary>
internal static class Poll
{
    public static async Task UntilAsync(Func<bool> condition, Func<string> otherwise)
    {
        var until = DateTime.UtcNow + Limit.Unexpected;
        while (!condition())
        {
            if (DateTime.UtcNow > until)
            {
                Assert.Fail(otherwise());
            }

            await Task.Delay(5);
        }
    }
}
