using System.Collections.Concurrent;
using System.Net;
using System.Text;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Routing.Tests;

/// <summary>A lane whose every event is the test's: one router with the app <c>app.example.com</c>, links that take as much as they are told to, and a clock that stands still.</summary>
internal sealed class ScriptedLane : Lane
{
    private readonly List<Timed> _noted = [];
    private readonly BlockingCollection<(Action<object?> Action, object? State)> _posted = [];

    private ScriptedLane(RouterEngine engine, LawTime time, LawRoutes routes)
        : base(engine) => (Time, Routes) = (time, routes);

    public LawTime Time { get; }

    public LawRoutes Routes { get; }

    public LogStream Logs { get; } = new(capacity: 100);

    public DynoEndpoint Dyno { get; } = new(DynoName.Parse("web.1"), new IPEndPoint(IPAddress.Loopback, 1));

    /// <summary>The connections to dynos that were begun.</summary>
    public List<ScriptedLink> Dynos { get; } = [];

    /// <summary>What <see cref="TakeIdle"/> gives next.</summary>
    public DynoHalf? Idle { get; set; }

    /// <summary>Called when an exchange is given back: others may have it from then on.</summary>
    public Action<Exchange>? Returned { get; set; }

    public override long Now => Time.Now;

    public override long UnixMilliseconds => Time.GetUtcNow().ToUnixTimeMilliseconds();

    public override ReadOnlySpan<byte> Date => "Fri, 02 Jan 2026 03:04:05 GMT"u8;

    public static ScriptedLane New(RouterOptions? options = null, RouterPolicies? policies = null, ILogger? logger = null)
    {
        options ??= new RouterOptions();
        policies ??= new RouterPolicies();
        logger ??= NullLogger.Instance;
        var (time, routes) = (new LawTime(), new LawRoutes());
        var engine = new RouterEngine
        {
            Routes = routes,
            Options = options,
            Policies = policies,
            Time = time,
            Logger = logger,
            Quarantine = new Quarantine(time, options.Quarantine),
            Recorder = new RequestRecorder(options, policies, time, logger, null),
        };
        var lane = new ScriptedLane(engine, time, routes);
        lane.Route(WebState.Up);
        return lane;
    }

    public void Route(WebState state, RouteSettings? settings = null, bool maintenance = false) =>
        Routes.Route = new AppRoute(Routes.Route?.App ?? AppId.New(), AppName.Parse("demo"), ["app.example.com"], state, state == WebState.Up ? [Dyno] : [], Logs)
        {
            Settings = settings ?? RouteSettings.Default,
            Maintenance = maintenance,
        };

    /// <summary>A client that has sent this.</summary>
    /// <param name="sent">What.</param>
    /// <param name="covers">Which names may be asked for; null: any.</param>
    public ScriptedLink Client(string sent, Func<string, bool>? covers = null)
    {
        var link = new ScriptedLink();
        _ = new RequestHalf(this, link, new ClientInfo { Peer = "127.0.0.1"u8.ToArray(), Port = 80, Covers = covers });
        link.Offer(sent);
        return link;
    }

    /// <summary>The lines of the app's log.</summary>
    public List<string> Lines() => [.. Logs.TailAsync(new LogTail { Lines = 100 }).ToBlockingEnumerable().Select(line => line.Message)];

    /// <summary>Time goes by, and what is due comes to pass.</summary>
    public void After(double seconds)
    {
        Time.Now += (long)(seconds * LawTime.Second);
        while (_noted.Find(timed => timed.Due <= Now) is { } due)
        {
            _noted.Remove(due);
            due.NotedFor = Timed.Never;
            due.Expire();
        }
    }

    /// <summary>Runs what was posted, or is in a moment.</summary>
    public void RunPosted()
    {
        Assert.True(_posted.TryTake(out var posted, Limit.Unexpected));
        posted.Action(posted.State);
    }

    public override void Post(Action<object?> action, object? state) => _posted.Add((action, state));

    public override void Note(Timed timed)
    {
        timed.NotedFor = timed.Due;
        if (!_noted.Contains(timed))
        {
            _noted.Add(timed);
        }
    }

    public override DynoHalf? TakeIdle(DynoEndpoint dyno, TimeSpan maxIdle)
    {
        var half = Idle;
        Idle = null;
        return half;
    }

    public override DynoHalf Connect(DynoEndpoint dyno) => Kept(dyno);

    /// <summary>A connection to the dyno, as one that was kept is.</summary>
    public DynoHalf Kept(DynoEndpoint dyno)
    {
        var link = new ScriptedLink();
        Dynos.Add(link);
        return new DynoHalf(this, dyno, link);
    }

    public override void Keep(DynoHalf half, TimeSpan atMost)
    {
    }

    public override void Forget(DynoHalf half)
    {
    }

    public override Exchange RentExchange() => new();

    public override void Return(Exchange exchange) => Returned?.Invoke(exchange);
}

/// <summary>A link whose peer takes what the test says, and no more than <see cref="Room"/> by itself.</summary>
internal sealed class ScriptedLink : Link
{
    private readonly StringBuilder _sent = new();
    private string _left = string.Empty;
    private int _unsent;
    private bool _isFresh;

    public int Room { get; set; } = int.MaxValue;

    public bool IsPaused { get; private set; }

    public bool IsClosed { get; private set; }

    /// <summary>How often bytes were offered.</summary>
    public int Offers { get; private set; }

    /// <summary>All that was sent, taken or not.</summary>
    public string Sent => _sent.ToString();

    public override int Unsent => _unsent;

    public override void Send(ReadOnlySpan<byte> first, ReadOnlySpan<byte> second = default, ReadOnlySpan<byte> third = default)
    {
        _sent.Append(Encoding.Latin1.GetString(first)).Append(Encoding.Latin1.GetString(second)).Append(Encoding.Latin1.GetString(third));
        var (all, taken) = (first.Length + second.Length + third.Length, 0);
        if (_unsent == 0)
        {
            taken = Math.Min(all, Room);
        }

        Room -= taken;
        _unsent += all - taken;
    }

    public override void Pause() => IsPaused = true;

    public override void Resume() => (IsPaused, _isFresh) = (false, true);

    public override void End()
    {
    }

    public override void Close() => IsClosed = true;

    public override void Abort() => IsClosed = true;

    /// <summary>The peer takes some of what is unsent.</summary>
    public void Take(int count)
    {
        _unsent -= count;
        if (_unsent == 0)
        {
            Handler!.OnSent();
        }
    }

    /// <summary>The peer has sent this.</summary>
    public void Offer(string sent)
    {
        (_left, _isFresh) = (_left + sent, true);
        OfferAgain();
    }

    /// <summary>What was left is offered, if it is time to.</summary>
    public void OfferAgain()
    {
        while (_isFresh && !IsPaused && !IsClosed && _left.Length > 0)
        {
            _isFresh = false;
            Offers++;
            _left = _left[Handler!.OnBytes(Encoding.Latin1.GetBytes(_left))..];
        }
    }
}
