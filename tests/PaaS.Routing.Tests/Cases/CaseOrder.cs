using System.Reflection;
using Xunit.Abstractions;
using Xunit.Sdk;

namespace PaaS.Routing.Tests;

/// <summary>The cases of some protocols, for a theory on one front.</summary>
/// <param name="front">The front: fast, kestrel, pipeline.</param>
/// <param name="protocols">What is spoken there: <c>http/1.1</c>, <c>https</c>, <c>h2</c>.</param>
[AttributeUsage(AttributeTargets.Method)]
public sealed class CasesOnAttribute(string front, params string[] protocols) : DataAttribute
{
    public string Front => front;

    public IReadOnlyList<string> Protocols => protocols;

    /// <summary>The one group that a small run plays; all if left out.</summary>
    public string? SmallGroup { get; init; }

    /// <summary>Whether clients and nodes send a few bytes at a time.</summary>
    public bool InPieces { get; init; }

    public override IEnumerable<object[]> GetData(MethodInfo testMethod) =>
        CaseFile.Cases.Values
            .Where(one => protocols.Contains(one.Protocol) && (SmallGroup is null || Size.Of(one.Group == SmallGroup, true)))
            .Select(one => new object[] { one.Id });
}

/// <summary>Puts the long cases first and those that want to be alone last, and remembers which were asked for at all.</summary>
public sealed class CaseOrder : ITestCaseOrderer
{
    public const string Type = "PaaS.Routing.Tests.CaseOrder";
    public const string Assembly = "PaaS.Routing.Tests";

    /// <summary>What this run asks for.</summary>
    internal static IReadOnlyList<CaseRun> Asked { get; private set; } = [];

    public IEnumerable<TTestCase> OrderTestCases<TTestCase>(IEnumerable<TTestCase> testCases)
        where TTestCase : ITestCase
    {
        var ordered = testCases.Select(test => (Test: test, Run: RunOf(test))).OrderBy(one => one.Run.Case.IsAlone).ThenByDescending(one => one.Run.Case.Length).ToList();
        Asked = [.. ordered.Select(one => one.Run)];
        return ordered.Select(one => one.Test);
    }

    internal static CaseRun RunOf(MethodInfo theory, string id)
    {
        var on = theory.GetCustomAttribute<CasesOnAttribute>()!;
        return new CaseRun(on.Front, id, on.InPieces);
    }

    private static CaseRun RunOf<TTestCase>(TTestCase test)
        where TTestCase : ITestCase => RunOf(test.TestMethod.Method.ToRuntimeMethod(), (string)test.TestMethodArguments[0]);
}
