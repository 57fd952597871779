using System.Diagnostics;

namespace PaaS.EndToEnd;

/// <summary>Waits for what another process does. One deadline for all: generous, since machines are slow at times.</summary>
internal static class Eventually
{
    private static readonly TimeSpan s_deadline = TimeSpan.FromSeconds(120);
    private static readonly TimeSpan s_pause = TimeSpan.FromMilliseconds(50);

    public static async Task<T> GetAsync<T>(string what, Func<Task<T?>> look)
        where T : class
    {
        var watch = Stopwatch.StartNew();
        using var timer = new PeriodicTimer(s_pause);
        do
        {
            if (await look() is { } found)
            {
                return found;
            }

            await timer.WaitForNextTickAsync();
        }
        while (watch.Elapsed < s_deadline);
        throw new TimeoutException($"It did not come about in {s_deadline.TotalSeconds} s: {what}");
    }

    public static Task HoldsAsync(string what, Func<Task<bool>> look) => GetAsync(what, async () => await look() ? what : null);

    public static Task HoldsAsync(string what, Func<bool> look) => HoldsAsync(what, () => Task.FromResult(look()));

    /// <summary>Waits until there is nothing; says what there is if it never ends.</summary>
    public static async Task NoneAsync(string what, Func<IReadOnlyList<string>> look)
    {
        IReadOnlyList<string> found = [];
        try
        {
            await HoldsAsync(what, () => (found = look()).Count == 0);
        }
        catch (TimeoutException)
        {
            Assert.Fail($"{what}: {string.Join(", ", found)}");
        }
    }
}
