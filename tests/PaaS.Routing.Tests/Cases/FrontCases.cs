namespace PaaS.Routing.Tests;

/// <summary>The cases of router-cases.jsonl on one front.</summary>
[Collection("router cases")]
[TestCaseOrderer(CaseOrder.Type, CaseOrder.Assembly)]
public abstract class FrontCases<TRuns>(TRuns runs) : IClassFixture<TRuns>
    where TRuns : CaseRuns
{
    protected Task VerifyAsync(string id) => runs.VerifyAsync(id);

    protected static TheoryData<string> Speaking(params string[] protocols) =>
        [.. CaseFile.Cases.Values.Where(one => protocols.Contains(one.Protocol)).Select(one => one.Id)];

    protected static TheoryData<string> InGroup(string group) =>
        [.. CaseFile.Cases.Values.Where(one => one.Group == group).Select(one => one.Id)];
}

/// <summary>The cases on <see cref="FastRouterListener"/>, which speaks plain HTTP only.</summary>
public sealed class FastFrontCases(FastFrontCases.Runs runs) : FrontCases<FastFrontCases.Runs>(runs)
{
    public static TheoryData<string> Ids => Speaking("http/1.1");

    [Theory]
    [MemberData(nameof(Ids))]
    public Task The_fast_front_passes(string id) => VerifyAsync(id);

    public sealed class Runs : CaseRuns
    {
        public override string Front => "fast";

        internal override RouterRig NewRig(CaseSelector selector) => new FastRig(selector);
    }
}

/// <summary>The cases on <c>UsePaaSRouter</c>: plain, TLS, and HTTP/2, which goes on to the endpoint.</summary>
public sealed class KestrelFrontCases(KestrelFrontCases.Runs runs) : FrontCases<KestrelFrontCases.Runs>(runs)
{
    public static TheoryData<string> Ids => Speaking("http/1.1", "https", "h2");

    [Theory]
    [MemberData(nameof(Ids))]
    public Task The_kestrel_front_passes(string id) => VerifyAsync(id);

    public sealed class Runs : CaseRuns
    {
        public override string Front => "kestrel";

        internal override RouterRig NewRig(CaseSelector selector) => new KestrelRig(selector);
    }
}

/// <summary>The cases on <c>MapPaaSRouter</c> over Kestrel: plain, TLS and HTTP/2.</summary>
public sealed class PipelineFrontCases(PipelineFrontCases.Runs runs) : FrontCases<PipelineFrontCases.Runs>(runs)
{
    public static TheoryData<string> Ids => Speaking("http/1.1", "https", "h2");

    [Theory]
    [MemberData(nameof(Ids))]
    public Task The_pipeline_front_passes(string id) => VerifyAsync(id);

    public sealed class Runs : CaseRuns
    {
        public override string Front => "pipeline";

        internal override RouterRig NewRig(CaseSelector selector) => new PipelineRig(selector);
    }
}

/// <summary>The cases on the fast front, with bytes that come a few at a time: nothing may depend on how they were cut.</summary>
public sealed class FastFrontCasesInPieces(FastFrontCasesInPieces.Runs runs) : FrontCases<FastFrontCasesInPieces.Runs>(runs)
{
    public static TheoryData<string> Ids => Size.Of(InGroup("chunked"), Speaking("http/1.1"));

    [Theory]
    [MemberData(nameof(Ids))]
    public Task The_fast_front_passes_with_bytes_in_small_pieces(string id) => VerifyAsync(id);

    public sealed class Runs : CaseRuns
    {
        public override string Front => "fast";

        public override bool IsInPieces => true;

        internal override RouterRig NewRig(CaseSelector selector) => new FastRig(selector);
    }
}

/// <summary>The cases on Kestrel's connections, with bytes that come a few at a time.</summary>
public sealed class KestrelFrontCasesInPieces(KestrelFrontCasesInPieces.Runs runs) : FrontCases<KestrelFrontCasesInPieces.Runs>(runs)
{
    public static TheoryData<string> Ids => Size.Of(InGroup("upgrade"), Speaking("http/1.1", "https"));

    [Theory]
    [MemberData(nameof(Ids))]
    public Task The_kestrel_front_passes_with_bytes_in_small_pieces(string id) => VerifyAsync(id);

    public sealed class Runs : CaseRuns
    {
        public override string Front => "kestrel";

        public override bool IsInPieces => true;

        internal override RouterRig NewRig(CaseSelector selector) => new KestrelRig(selector);
    }
}
