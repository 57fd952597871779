using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PaaS.Routing.Tests;

/// <summary>
/// The cases on one front. A case waits most of its time, so those that the run asks for are begun ahead, 16 at once, the long ones first; the tests
/// collect their results. A case that measures a rate or fills buffers waits until it is alone.
/// </summary>
[SuppressMessage("Design", "CA1001", Justification = "xUnit calls DisposeAsync.")]
public abstract class CaseRuns : IAsyncLifetime
{
    private const int AtOnce = 16;
    private readonly ConcurrentDictionary<string, Task<IReadOnlyList<string>>> _runs = [];
    private readonly SemaphoreSlim _slots = new(AtOnce, AtOnce);
    private readonly SemaphoreSlim _alone = new(1, 1);
    private readonly Lock _beginning = new();
    private RouterRig? _rig;

    /// <summary>The front's name: fast, kestrel, pipeline.</summary>
    public abstract string Front { get; }

    /// <summary>Whether clients and nodes send a few bytes at a time.</summary>
    public virtual bool IsInPieces => false;

    /// <summary>A router behind this front, not started.</summary>
    internal abstract RouterRig NewRig(CaseSelector selector);

    public async Task InitializeAsync() => _rig = await StartAsync(new RandomDynoSelector(Random.Shared));

    public async Task DisposeAsync()
    {
        await Task.WhenAll(_runs.Values);
        await _rig!.DisposeAsync();
        _slots.Dispose();
        _alone.Dispose();
    }

    /// <summary>The case as the file wants it, or as the list of what the front can't do says.</summary>
    public async Task VerifyAsync(string id)
    {
        var problems = await ResultAsync(id);
        if (CaseLimits.ReasonFor(Front, id) is { } reason)
        {
            Assert.True(problems.Count > 0, $"{id} passes on the {Front} front, though CaseLimits lists it ({reason}): take it off the list.");
            return;
        }

        Assert.True(problems.Count == 0, $"{id} ({CaseFile.Cases[id].Title}) on the {Front} front: {string.Join("; ", problems)}.");
    }

    private Task<IReadOnlyList<string>> ResultAsync(string id)
    {
        lock (_beginning)
        {
            if (!_runs.ContainsKey(id))
            {
                foreach (var other in CaseOrder.AskedFor(GetType()).Append(id))
                {
                    _runs.GetOrAdd(other, RunAsync);
                }
            }
        }

        return _runs[id];
    }

    private async Task<IReadOnlyList<string>> RunAsync(string id)
    {
        var one = CaseFile.Cases[id];
        await Task.Yield();
        if (one.IsAlone)
        {
            // One after the other: two that each hold some slots and wait for the rest would wait for ever.
            await _alone.WaitAsync();
        }

        var slots = one.IsAlone ? AtOnce : 1;
        for (var i = 0; i < slots; i++)
        {
            await _slots.WaitAsync();
        }

        try
        {
            return await PlayAsync(one);
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
            if (one.IsAlone)
            {
                _alone.Release();
            }
        }
    }

    private async Task<IReadOnlyList<string>> PlayAsync(RouterCase one)
    {
        var selection = one.Settings?.Text("selection");
        if (selection is null && !one.Control.Any(step => step.Find("stop_router") is not null))
        {
            return await CasePlay.RunAsync(_rig!, one, IsInPieces);
        }

        // What concerns the whole router has one of its own.
        await using var own = await StartAsync(selection switch
        {
            null => new RandomDynoSelector(Random.Shared),
            "two_choices" => new TwoChoicesDynoSelector(Random.Shared),
            _ => throw new InvalidDataException($"The runner does not know the selection '{selection}'."),
        });
        return await CasePlay.RunAsync(own, one, IsInPieces);
    }

    private async Task<RouterRig> StartAsync(IDynoSelector selector)
    {
        var rig = NewRig(new CaseSelector(selector));
        await rig.StartAsync();
        return rig;
    }
}

/// <summary>Puts the long cases first and those that want to be alone last, and remembers which were asked for at all.</summary>
public sealed class CaseOrder : ITestCaseOrderer
{
    public const string Type = "PaaS.Routing.Tests.CaseOrder";
    public const string Assembly = "PaaS.Routing.Tests";
    private static readonly ConcurrentDictionary<string, string[]> Asked = [];

    public static IEnumerable<string> AskedFor(Type runs) => Asked.GetValueOrDefault(runs.FullName!) ?? [];

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase
    {
        var ordered = testCases.OrderBy(test => CaseOf(test)?.IsAlone).ThenByDescending(test => CaseOf(test)?.Length).ToList();
        foreach (var ofClass in ordered.GroupBy(test => test.TestMethod.TestClass))
        {
            var runs = ofClass.Key.Class.ToRuntimeType().BaseType!.GenericTypeArguments[0];
            Asked[runs.FullName!] = [.. ofClass.Select(CaseOf).OfType<RouterCase>().Select(one => one.Id)];
        }

        return ordered;
    }

    private static RouterCase? CaseOf<TTestCase>(TTestCase test)
        where TTestCase : ITestCase => test.TestMethodArguments is [string id] ? CaseFile.Cases[id] : null;
}
