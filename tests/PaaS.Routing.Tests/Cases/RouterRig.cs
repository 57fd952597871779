using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace PaaS.Routing.Tests;

/// <summary>A router behind one of its fronts, with the standard profile of the cases.</summary>
internal abstract class RouterRig(CaseSelector selector) : IAsyncDisposable
{
    /// <summary>How long a node is left alone.</summary>
    public static readonly TimeSpan Quarantine = TimeSpan.FromSeconds(1.5);

    /// <summary>All hosts of cases end with this.</summary>
    public const string Domain = ".case.test";

    public RouteTable Routes { get; } = new();

    public CaseSelector Selector => selector;

    /// <summary>Where it listens for plain HTTP.</summary>
    public int Port { get; protected set; }

    /// <summary>Where it listens for TLS; 0 if it does not.</summary>
    public int TlsPort { get; protected set; }

    /// <summary>The standard profile: times are scaled so that a run is short.</summary>
    protected static RouterOptions StandardProfile => new()
    {
        ConnectTimeout = TimeSpan.FromSeconds(1),
        FirstByteTimeout = TimeSpan.FromSeconds(3),
        IdleTimeout = TimeSpan.FromSeconds(4),
        ClientIdleTimeout = TimeSpan.FromSeconds(5),
        HeadTimeout = TimeSpan.FromSeconds(5),
        Quarantine = Quarantine,
        BootWait = TimeSpan.FromSeconds(2.5),
        MaxInFlightPerDyno = 200,
        KeepsConnections = false,
    };

    /// <summary>A router behind a front, not started.</summary>
    public static RouterRig Behind(string front, CaseSelector selector) => front switch
    {
        "fast" => new FastRig(selector),
        "kestrel" => new KestrelRig(selector),
        "pipeline" => new PipelineRig(selector),
        _ => throw new ArgumentException($"There is no front '{front}'.", nameof(front)),
    };

    /// <summary>Begins to listen.</summary>
    public abstract Task StartAsync();

    /// <summary>Stops: what runs may finish within the grace time.</summary>
    public abstract Task StopAsync(TimeSpan grace);

    public abstract ValueTask DisposeAsync();
}

/// <summary>Certificates of the cases' hosts.</summary>
internal static class CaseCertificates
{
    /// <summary>One for all hosts of the cases, and one for a host that no case has.</summary>
    public static RouterCertificates All { get; } = MakeAll();

    private static RouterCertificates MakeAll()
    {
        var all = new RouterCertificates();
        foreach (var name in (string[])["*" + RouterRig.Domain, "other.test"])
        {
            all.Set(name, Make(name));
        }

        return all;
    }

    private static X509Certificate2 Make(string host)
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        request.CertificateExtensions.Add(names.Build());
        using var made = request.CreateSelfSigned(DateTimeOffset.UtcNow.AddDays(-1), DateTimeOffset.UtcNow.AddDays(1));
        return X509CertificateLoader.LoadPkcs12(made.Export(X509ContentType.Pkcs12), password: null);
    }
}

/// <summary>Chooses as another does; knows how often each dyno was chosen, and fails for dynos that can't be looked up.</summary>
internal sealed class CaseSelector(IDynoSelector inner) : IDynoSelector
{
    private readonly ConcurrentDictionary<DynoEndpoint, int> _chosen = [];
    private readonly ConcurrentDictionary<DynoEndpoint, bool> _failing = [];

    public DynoEndpoint? Choose(ReadOnlySpan<DynoEndpoint> candidates, in RequestView request)
    {
        foreach (var candidate in candidates)
        {
            if (_failing.ContainsKey(candidate))
            {
                throw new InvalidOperationException($"The look-up of {candidate.Label} fails, as the case wants it.");
            }
        }

        var dyno = inner.Choose(candidates, request);
        if (dyno is not null)
        {
            _chosen.AddOrUpdate(dyno, 1, static (_, count) => count + 1);
        }

        return dyno;
    }

    public int TimesChosen(DynoEndpoint dyno) => _chosen.GetValueOrDefault(dyno);

    public void FailFor(DynoEndpoint dyno) => _failing[dyno] = true;
}
