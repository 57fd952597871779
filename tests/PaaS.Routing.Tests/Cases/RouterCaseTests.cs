using System.Reflection;
using System.Runtime.CompilerServices;

namespace PaaS.Routing.Tests;

/// <summary>The cases of router-cases.jsonl, over real sockets, on every front.</summary>
[TestCaseOrderer(CaseOrder.Type, CaseOrder.Assembly)]
public sealed class RouterCaseTests(CaseRuns runs) : IClassFixture<CaseRuns>
{
    [Theory]
    [CasesOn("fast", "http/1.1")]
    public Task The_fast_front_passes(string id) => VerifyAsync(id);

    [Theory]
    [CasesOn("kestrel", "http/1.1", "https", "h2")]
    public Task The_front_on_connections_passes(string id) => VerifyAsync(id);

    [Theory]
    [CasesOn("pipeline", "http/1.1", "https", "h2")]
    public Task The_front_in_a_pipeline_passes(string id) => VerifyAsync(id);

    [Theory]
    [CasesOn("fast", "http/1.1", InPieces = true, SmallGroup = "chunked")]
    public Task The_fast_front_passes_with_a_few_bytes_at_a_time(string id) => VerifyAsync(id);

    [Theory]
    [CasesOn("kestrel", "http/1.1", "https", InPieces = true, SmallGroup = "upgrade")]
    public Task The_front_on_connections_passes_with_a_few_bytes_at_a_time(string id) => VerifyAsync(id);

    private Task VerifyAsync(string id, [CallerMemberName] string theory = "") =>
        runs.VerifyAsync(CaseOrder.RunOf(typeof(RouterCaseTests).GetMethod(theory, BindingFlags.Instance | BindingFlags.Public)!, id));
}
