using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace PaaS.Routing.Tests;

/// <summary>A case that is to be played.</summary>
/// <param name="Front">The front: fast, kestrel, pipeline.</param>
/// <param name="Id">The case.</param>
/// <param name="IsInPieces">Whether clients and nodes send a few bytes at a time.</param>
internal sealed record CaseRun(string Front, string Id, bool IsInPieces)
{
    public RouterCase Case => CaseFile.Cases[Id];

    /// <summary>A host for it alone.</summary>
    public string Host => Id + (IsInPieces ? "-pieces" : string.Empty) + RouterRig.Domain;
}

/// <summary>
/// Plays the cases. A case waits most of its time, so those that the run asks for are begun ahead, many at once, the long ones first; the tests collect
/// their results. A case that needs a calm machine waits until it is alone.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xUnit calls DisposeAsync.")]
public sealed class CaseRuns : IAsyncLifetime
{
    private const int AtOnce = 32;
    private readonly ConcurrentDictionary<CaseRun, Task<IReadOnlyList<string>>> _runs = [];
    private readonly ConcurrentDictionary<string, Lazy<Task<RouterRig>>> _rigs = [];
    private readonly SemaphoreSlim _slots = new(AtOnce, AtOnce);
    private readonly SemaphoreSlim _alone = new(1, 1);
    private readonly Lock _beginning = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_runs.Values);
        foreach (var rig in _rigs.Values)
        {
            await (await rig.Value).DisposeAsync();
        }

        _slots.Dispose();
        _alone.Dispose();
    }

    /// <summary>The case as the file wants it, or as the list of what can't be passed says.</summary>
    internal async Task VerifyAsync(CaseRun run)
    {
        var problems = await ResultAsync(run);
        if (CaseLimits.ReasonFor(run.Front, run.Id) is { } reason)
        {
            Assert.True(problems.Count > 0, $"{run.Id} passes on the {run.Front} front, though CaseLimits lists it ({reason}): take it off the list.");
            return;
        }

        Assert.True(problems.Count == 0, $"{run.Id} ({run.Case.Title}) on the {run.Front} front: {string.Join("; ", problems)}.");
    }

    private Task<IReadOnlyList<string>> ResultAsync(CaseRun run)
    {
        lock (_beginning)
        {
            if (!_runs.ContainsKey(run))
            {
                foreach (var other in CaseOrder.Asked.Append(run))
                {
                    _runs.GetOrAdd(other, RunAsync);
                }
            }
        }

        return _runs[run];
    }

    private async Task<IReadOnlyList<string>> RunAsync(CaseRun run)
    {
        await Task.Yield();
        var isAlone = run.Case.IsAlone;
        if (isAlone)
        {
            // One after the other: two that each hold some slots and wait for the rest would wait for ever.
            await _alone.WaitAsync();
        }

        var slots = isAlone ? AtOnce : 1;
        for (var i = 0; i < slots; i++)
        {
            await _slots.WaitAsync();
        }

        try
        {
            var problems = await PlayAsync(run);

            // A machine that stood still for a second looks like a slow router: what is bounded in time has a second chance.
            return problems.Count == 0 || run.Case.Expect.Find("timing") is null ? problems : await PlayAsync(run);
        }
#pragma warning disable CA1031 // What the runner meets is the result of its case, told by the case's own test.
        catch (Exception e)
#pragma warning restore CA1031
        {
            return [$"the runner met {e}"];
        }
        finally
        {
            _slots.Release(slots);
            if (isAlone)
            {
                _alone.Release();
            }
        }
    }

    private async Task<IReadOnlyList<string>> PlayAsync(CaseRun run)
    {
        var one = run.Case;
        var selection = one.Settings?.Text("selection");
        if (selection is null && !one.Control.Any(step => step.Find("stop_router") is not null))
        {
            var shared = _rigs.GetOrAdd(run.Front, front => new Lazy<Task<RouterRig>>(() => StartAsync(front, new RandomDynoSelector(Random.Shared))));
            return await CasePlay.RunAsync(await shared.Value, run);
        }

        // What concerns the whole router has one of its own.
        await using var own = await StartAsync(run.Front, selection switch
        {
            null => new RandomDynoSelector(Random.Shared),
            "two_choices" => new TwoChoicesDynoSelector(Random.Shared),
            _ => throw new InvalidDataException($"The runner does not know the selection '{selection}'."),
        });
        return await CasePlay.RunAsync(own, run);
    }

    private static async Task<RouterRig> StartAsync(string front, IDynoSelector selector)
    {
        var rig = RouterRig.Behind(front, new CaseSelector(selector));
        await rig.StartAsync();
        return rig;
    }
}
