using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using System.Text;

namespace PaaS.Routing;

/// <summary>
/// One place of the ring: what is kept of a request, copied out of its facts, until another request takes the place. Texts are cut so that the memory
/// is bounded. All of an ordinary request stands in one stretch of memory, and its neighbours before and behind it: it is long out of the
/// processor's caches when it is written again, and so comes back in time.
/// </summary>
internal struct TraceSlot
{
    private const int MaxId = 200;
    private const int MaxMethod = 127;
    private const int MaxTarget = 512;
    private const int MaxHost = 255;
    private const int MaxAttempts = 16;
    private const int MaxDynos = 100;

    private int _isInUse;
    private bool _isTaken;
    private bool _isUpgraded;
    private int _idEnd;
    private int _methodEnd;
    private int _hostEnd;
    private int _targetEnd;
    private ShortText _short;

    /// <summary>In place of it where the texts are longer; kept for the next ones.</summary>
    private byte[]? _long;
    private bool _isLong;

    // Not the route itself, which would hold its log. These are shared by all requests of one snapshot.
    private AppId _app;
    private AppName _name;
    private ImmutableArray<string> _hosts;
    private ImmutableArray<DynoEndpoint> _endpoints;
    private DynoEndpoint? _dyno;
    private RouterError? _error;
    private string? _rule;
    private string _protocol;
    private string? _tlsVersion;
    private int _status;
    private long _bytesIn;
    private long _bytesOut;
    private long _startedAt;
    private long _began;
    private long _connected;
    private long _sent;
    private long _firstByte;
    private long _ended;
    private long? _connecting;
    private long _waited;
    private int _attempts;
    private Attempt _first;
    private Attempt[]? _more;

    /// <summary>What follows is this thread's alone, until <see cref="Leave"/>. Another one wants the place only after a whole turn of the ring, or to read it.</summary>
    public void Enter()
    {
        var wait = default(SpinWait);
        while (Interlocked.CompareExchange(ref _isInUse, 1, 0) != 0)
        {
            wait.SpinOnce();
        }
    }

    public void Leave() => Volatile.Write(ref _isInUse, 0);

    /// <summary>What is here now: it can be read while the place is used again.</summary>
    public TraceSlot Copy()
    {
        Enter();
        try
        {
            var copy = this;
            copy._long = _isLong ? [.. _long!] : null;
            copy._more = _attempts > 1 ? [.. _more!] : null;
            return copy;
        }
        finally
        {
            Leave();
        }
    }

    /// <summary>Takes the place for a request.</summary>
    public void Take(RequestFacts facts)
    {
        _isTaken = true;
        _idEnd = Math.Min(facts.RequestId.Length, MaxId);
        _methodEnd = _idEnd + Math.Min(facts.Method.Length, MaxMethod);
        _hostEnd = _methodEnd + Math.Min(facts.Host.Length, MaxHost);
        _targetEnd = _hostEnd + Math.Min(facts.Target.Length, MaxTarget);
        _isLong = _targetEnd > ShortText.Size;
        if (_isLong && (_long is null || _long.Length < _targetEnd))
        {
            _long = new byte[_targetEnd];
        }

        Span<byte> text = _isLong ? _long : _short;
        facts.RequestId[.._idEnd].CopyTo(text);
        facts.Method[..(_methodEnd - _idEnd)].CopyTo(text[_idEnd..]);
        facts.Host[..(_hostEnd - _methodEnd)].CopyTo(text[_methodEnd..]);
        facts.Target[..(_targetEnd - _hostEnd)].CopyTo(text[_hostEnd..]);
        var route = facts.Route!;
        (_app, _name, _hosts, _endpoints) = (route.App, route.Name, route.Hosts, route.Endpoints);
        (_dyno, _error, _rule, _protocol, _tlsVersion) = (facts.Dyno, facts.Error, facts.Rule, facts.Protocol, facts.TlsVersion);
        (_isUpgraded, _status, _bytesIn, _bytesOut, _startedAt) = (facts.IsUpgraded, facts.Status, facts.BytesIn, facts.BytesOut, facts.StartedAt);
        (_began, _connected, _sent, _firstByte, _ended) = (facts.Began, facts.Connected, facts.RequestSent, facts.FirstByte, facts.Ended);
        (_connecting, _waited) = (facts.Connecting, facts.Waited);
        Take(facts.Attempts);
    }

    /// <summary>Whether a request is here, and this one.</summary>
    public readonly bool Is(ReadOnlySpan<byte> requestId, AppId? app) => IsOf(app) && Bytes(0, _idEnd).SequenceEqual(requestId);

    /// <summary>Whether a request is here, and of this app if one is given.</summary>
    public readonly bool IsOf(AppId? app) => _isTaken && (app is null || app == _app);

    public readonly RequestTrace ToTrace(TimeProvider time)
    {
        var host = Text(_methodEnd, _hostEnd);
        var (match, name) = Match(host);
        return new RequestTrace
        {
            RequestId = Text(0, _idEnd),
            App = _app,
            AppName = _name,
            StartedAt = DateTimeOffset.FromUnixTimeMilliseconds(_startedAt),
            Method = Text(_idEnd, _methodEnd),
            Target = Text(_hostEnd, _targetEnd),
            Host = host,
            HostMatch = match,
            MatchedName = name,
            Protocol = _protocol,
            TlsVersion = _tlsVersion,
            Dynos = [.. _endpoints.Take(MaxDynos).Select(endpoint => endpoint.Label)],
            Attempts = Attempts(time),
            AttemptCount = _attempts,
            Dyno = _dyno?.Label,
            Waited = time.GetElapsedTime(0, _waited),
            Connecting = _connecting is { } connecting ? time.GetElapsedTime(0, connecting) : null,
            ConnectedAfter = After(_connected, time),
            SentAfter = After(_sent, time),
            FirstByteAfter = After(_firstByte, time),
            Duration = time.GetElapsedTime(_began, _ended),
            BytesIn = _bytesIn,
            BytesOut = _bytesOut,
            IsUpgraded = _isUpgraded,
            Status = _status,
            Code = _error?.Code,
            Rule = _rule ?? Rules.Of(_error, _isUpgraded),
        };
    }

    private void Take(List<Attempt> attempts)
    {
        _attempts = attempts.Count;
        if (_attempts == 0)
        {
            return;
        }

        _first = attempts[0];
        if (_attempts == 1)
        {
            // Given back, so that what retries took does not stay for good.
            _more = null;
            return;
        }

        _more ??= new Attempt[MaxAttempts - 1];
        attempts.CopyTo(1, _more, 0, Math.Min(_attempts, MaxAttempts) - 1);
    }

    private readonly ImmutableArray<AttemptTrace> Attempts(TimeProvider time)
    {
        if (_attempts == 0)
        {
            return [];
        }

        var attempts = ImmutableArray.CreateBuilder<AttemptTrace>();
        attempts.Add(ToTrace(_first, time));
        for (var i = 0; i < Math.Min(_attempts, MaxAttempts) - 1; i++)
        {
            attempts.Add(ToTrace(_more![i], time));
        }

        return attempts.ToImmutable();
    }

    [UnscopedRef]
    private readonly ReadOnlySpan<byte> Bytes(int start, int end) => (_isLong ? (ReadOnlySpan<byte>)_long : _short)[start..end];

    private readonly string Text(int start, int end) => Encoding.Latin1.GetString(Bytes(start, end));

    private readonly TimeSpan? After(long timestamp, TimeProvider time) => timestamp == 0 ? null : time.GetElapsedTime(_began, timestamp);

    private readonly AttemptTrace ToTrace(Attempt attempt, TimeProvider time) => new(
        attempt.Dyno.Label, attempt.Dyno.Address.ToString(), attempt.Candidates, attempt.Left, time.GetElapsedTime(_began, attempt.Began), time.GetElapsedTime(0, attempt.Took), attempt.Outcome);

    /// <summary>Which of the app's names it was: the name itself, or the closest wildcard.</summary>
    private readonly (HostMatch Match, string? Name) Match(string host)
    {
        var end = host.LastIndexOf(':');
        var name = (end < 0 || host.EndsWith(']') ? host : host[..end]).ToLowerInvariant();
        name = name.EndsWith('.') ? name[..^1] : name;
        if (_hosts.Contains(name))
        {
            return (HostMatch.Exact, name);
        }

        for (var dot = name.IndexOf('.', StringComparison.Ordinal); dot >= 0; dot = name.IndexOf('.', dot + 1))
        {
            if ("*" + name[dot..] is var wildcard && _hosts.Contains(wildcard))
            {
                return (HostMatch.Wildcard, wildcard);
            }
        }

        return (HostMatch.Table, null);
    }

    /// <summary>The texts of an ordinary request: an id of 36 bytes, the method, the host, the target.</summary>
    [InlineArray(Size)]
    private struct ShortText
    {
        public const int Size = 160;

        private byte _first;
    }
}
