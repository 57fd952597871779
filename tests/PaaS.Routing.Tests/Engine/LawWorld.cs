using System.Net;
using System.Text;
using Microsoft.Extensions.Logging.Abstractions;

namespace PaaS.Routing.Tests;

/// <summary>Clients, dynos and one lane of a router between them, without a socket or a thread: what happens next is drawn from a seed.</summary>
internal sealed class LawWorld : IRequestObserver
{
    private const int MostSteps = 60_000;

    /// <summary>What a connection may hold: 64 KiB, what one call may bring behind what was left of the last, and what frames it.</summary>
    private const int MostUnsent = (3 * 64 * 1024) + 20_000;

    private readonly List<LawClient> _clients = [];
    private readonly List<LawDyno> _connections = [];
    private readonly List<(DynoEndpoint Endpoint, int Kind)> _dynos = [];
    private readonly LawRoutes _routes = new();
    private readonly LogStream _logs = new(capacity: 1000);
    private readonly Queue<string> _notes = [];
    private readonly int _seed;
    private int _observed;
    private int _step;

    public LawWorld(int seed)
    {
        _seed = seed;
        Random = new Random(seed);
        var options = new RouterOptions
        {
            KeepsConnections = Random.Next(4) > 0,
            AllowsHalfClose = Random.Next(2) == 0,
            TraceCapacity = 10,
        };
        var policies = new RouterPolicies { Selector = new RandomDynoSelector(Random), Observer = this };
        Engine = new RouterEngine
        {
            Routes = _routes,
            Options = options,
            Policies = policies,
            Time = Time,
            Logger = NullLogger.Instance,
            Quarantine = new Quarantine(Time, options.Quarantine),
            Recorder = new RequestRecorder(options, policies, Time, NullLogger.Instance, null),
        };
        Lane = new LawLane(Engine, this);
        for (var i = 1; i <= Random.Next(1, 4); i++)
        {
            _dynos.Add((new DynoEndpoint(DynoName.Parse($"web.{i}"), new IPEndPoint(IPAddress.Loopback, i)), Random.Next(6)));
        }

        SetRoute(Random.Next(8) == 0 ? WebState.Starting : WebState.Up);
        for (var i = 0; i < Random.Next(1, 4); i++)
        {
            var client = new LawClient(this, i);
            _clients.Add(client);
            _ = new RequestHalf(Lane, client.Link, new ClientInfo { Peer = "192.0.2.1"u8.ToArray(), Port = 80 });
        }
    }

    public Random Random { get; }

    public LawTime Time { get; } = new();

    public LawLane Lane { get; }

    private RouterEngine Engine { get; }

    /// <summary>How many responses of an app came whole, and how many requests there were.</summary>
    public (int Whole, int Requests) Tally { get; private set; }

    public void OnDone(in RequestView request, in RequestOutcome outcome)
    {
        _observed++;
        Note($"done: {Encoding.Latin1.GetString(request.Target)} {outcome.Code} {outcome.Status}");
    }

    public void Note(string what)
    {
        _notes.Enqueue($"{_step}: {what}");
        if (_notes.Count > 200)
        {
            _notes.Dequeue();
        }
    }

    public LawLink Connect(DynoEndpoint dyno)
    {
        var kind = _dynos.Find(one => one.Endpoint == dyno).Kind;
        var link = new LawLink(this, $"{dyno.Dyno} connection {_connections.Count}", isClient: false, Random.Next(3) == 0 ? Random.Next(10_000, 60_000) : 300_000);
        _connections.Add(new LawDyno(this, link, isWell: kind < 3));
        Note($"connects: {link.Name}");
        return link;
    }

    /// <summary>Runs until nothing can happen any more, and looks at what was left behind.</summary>
    public void Run()
    {
        try
        {
            RunToRest();
            Check();
        }
        catch (Exception exception)
        {
            throw new LawBrokenException($"PAAS_SEED={_seed}, step {_step}: {exception.Message}\n{string.Join('\n', _notes)}\n{string.Join('\n', _clients)}\n{(exception is LawBrokenException ? "" : exception)}");
        }
        finally
        {
            Engine.Recorder.Dispose();
        }
    }

    private void RunToRest()
    {
        var choices = new List<Action>();
        for (_step = 0; _step < MostSteps; _step++)
        {
            if (Random.Next(60) == 0)
            {
                Time.Now += Random.Next((int)LawTime.Second * (Random.Next(20) == 0 ? 20 : 1));
                Lane.Expire();
            }

            if (Random.Next(300) == 0)
            {
                Change();
            }

            choices.Clear();
            _clients.ForEach(client => client.Choices(choices));
            _clients.ForEach(client => client.Link.Choices(choices));
            for (var i = 0; i < _connections.Count; i++)
            {
                _connections[i].Choices(choices);
                _connections[i].Link.Choices(choices);
                ConnectChoices(_connections[i].Link, choices);
            }

            if (Lane.HasPosted)
            {
                choices.Add(Lane.RunPosted);
            }

            if (choices.Count > 0)
            {
                choices[Random.Next(choices.Count)]();
            }
            else if (Lane.NextDue is var due && due != Timed.Never)
            {
                Time.Now = Math.Max(Time.Now, due);
                Note($"time goes on to {(double)due / LawTime.Second:0.000}");
                Lane.Expire();
            }
            else
            {
                return;
            }
        }

        throw new LawBrokenException("It does not come to rest.");
    }

    private void ConnectChoices(LawLink link, List<Action> choices)
    {
        if (!link.IsConnecting)
        {
            return;
        }

        // Kind 4 refuses now and then, kind 5 now and then does not answer at all.
        var kind = _dynos.Find(dyno => link.Name.StartsWith(dyno.Endpoint.Label + " ", StringComparison.Ordinal)).Kind;
        if (kind == 4 && link.Name[^1] % 2 == 0)
        {
            choices.Add(() => link.Refuse(timedOut: false));
        }
        else if (kind != 5 || link.Name[^1] % 2 == 0)
        {
            choices.Add(link.Connected);
        }
    }

    private void Change()
    {
        if (Random.Next(3) == 0)
        {
            var (gone, kind) = _dynos[Random.Next(_dynos.Count)];
            Note($"{gone.Label} is retired");
            _dynos.Add((new DynoEndpoint(DynoName.Parse($"web.{_dynos.Count + 1}"), gone.Address), kind));
            SetRoute(WebState.Up);
            gone.Retire();
            if (Random.Next(2) == 0)
            {
                gone.Expire();
                Lane.ExpireDyno(gone);
            }
        }

        SetRoute(Random.Next(4) == 0 ? WebState.Starting : WebState.Up);
    }

    private void SetRoute(WebState state) => _routes.Route = new AppRoute(
        AppId.New(), AppName.Parse("app"), ["app.test"], state, state == WebState.Up ? [.. _dynos.Select(dyno => dyno.Endpoint).Where(endpoint => !endpoint.Retired.IsCancellationRequested)] : [], _logs);

    private void Check()
    {
        Hold(Lane.Rented == 0, $"{Lane.Rented} exchanges are not given back.");
        Hold(Lane.Active == 0, $"{Lane.Active} connections to dynos are forgotten.");
        Hold(_dynos.TrueForAll(dyno => dyno.Endpoint.InFlight == 0), "A dyno has requests in flight.");
        foreach (var link in _clients.Select(client => client.Link).Concat(_connections.Select(connection => connection.Link)))
        {
            Hold(!link.IsOpen, $"{link.Name} is open.");
            Hold(link.MostUnsent <= MostUnsent, $"{link.Name} held {link.MostUnsent} unsent bytes.");
        }

        var lines = new List<RouterLine>();
        var tail = _logs.TailAsync(new LogTail { After = 0 }).ToBlockingEnumerable();
        lines.AddRange(tail.Select(line => RouterLine.Parse(Encoding.Latin1.GetString(line.Text.Span))));
        Hold(lines.Count == _observed, $"{lines.Count} lines, and the observer was told of {_observed} requests.");
        Hold(lines.DistinctBy(line => line.Id).Count() == lines.Count, "Two lines have one id.");
        var seen = _connections.SelectMany(connection => connection.Pending is { } pending ? [.. connection.Seen, pending] : connection.Seen).ToList();
        foreach (var request in seen)
        {
            Hold(lines.Count(line => line.Id == request.Id) == 1, $"{request.Target} has {lines.Count(line => line.Id == request.Id)} lines.");
            Hold(_clients.SelectMany(client => client.Requests).Any(sent => sent.Target == request.Target && sent.Body.AsSpan().StartsWith(request.Body) && (!request.IsWhole || request.Body.Length == sent.Body.Length)), $"{request} is not what the client sent.");
        }

        // A dyno is not to blame for what it was never sent.
        var sent = _connections.SelectMany(connection => connection.Link.SentIds).ToHashSet();
        Hold(lines.TrueForAll(line => line.Code is not ("H12" or "H13" or "H15" or "H17" or "H18") || sent.Contains(line.Id)), "A dyno is blamed for a request that it was not sent.");
        Hold(seen.GroupBy(request => request.Target).All(group => group.Count() == 1 || group.All(request => request.Body.Length == 0 && request.Method is "GET" or "HEAD")), "A request that must not be sent twice was.");
        var responses = 0;
        foreach (var client in _clients)
        {
            responses += CheckClient(client);
        }

        Hold(responses <= lines.Count && lines.Count <= _clients.Sum(client => client.Requests.Count), $"{lines.Count} lines for {responses} responses.");
        Tally = (Tally.Whole, _clients.Sum(client => client.Requests.Count));
    }

    /// <summary>The responses come in order, each to its request, and each is whole, as the app gave it, or can be seen to be cut.</summary>
    private int CheckClient(LawClient client)
    {
        var responses = client.Responses(out var fault);
        Hold(fault is null || client.WasReset, $"{client.Link.Name} received {fault}.");
        Hold(responses.Count <= client.Requests.Count, $"{client.Link.Name} received {responses.Count} responses.");
        for (var i = 0; i < responses.Count; i++)
        {
            var (response, target) = (responses[i], client.Requests[i].Target);
            if (response.Seen is not null)
            {
                Hold(response.Seen == target, $"{client.Link.Name}: the response to {target} belongs to {response.Seen}.");
                var hasBody = client.Requests[i].Method != "HEAD" && response.Status == 200;
                var body = hasBody ? LawClient.BodyOf(target) : [];
                Hold(response.IsWhole ? response.Body.AsSpan().SequenceEqual(body) : body.AsSpan().StartsWith(response.Body), $"{client.Link.Name}: the response to {target} is {response.Body.Length} bytes of {body.Length}, and {(response.IsWhole ? "looks whole" : "is cut")}.");
                Tally = (Tally.Whole + (response.IsWhole ? 1 : 0), 0);
            }
            else if (response.Status == 101)
            {
                Hold(client.Tunnel.StartsWith(response.Body), $"{client.Link.Name}: the tunnel brought {Escaped.Bytes(response.Body)}.");
            }
            else
            {
                Hold(response.Status is 502 or 503, $"{client.Link.Name}: {response.Status} for {target}.");
            }
        }

        return responses.Count;
    }

    private static void Hold(bool holds, string otherwise)
    {
        if (!holds)
        {
            throw new LawBrokenException(otherwise);
        }
    }
}
