using System.Text.Json;
using System.Text.RegularExpressions;

namespace PaaS.Routing.Tests;

/// <summary>Holds what happened against what a case expects. A member that it does not know is an error: nothing is passed over.</summary>
internal sealed class CaseCheck(CaseNames names, CaseOutcome outcome)
{
    private readonly List<string> _problems = [.. outcome.Problems];

    /// <summary>What is not as it should be; nothing if all is.</summary>
    public static IReadOnlyList<string> Problems(JsonElement expect, CaseNames names, CaseOutcome outcome)
    {
        var members = expect.EnumerateObject().Where(member => member.Name != "any_of").ToDictionary(member => member.Name, member => member.Value);
        if (expect.Find("any_of") is not { } alternatives)
        {
            return new CaseCheck(names, outcome).Check(members);
        }

        var all = new List<string>();
        foreach (var alternative in alternatives.EnumerateArray())
        {
            var together = new Dictionary<string, JsonElement>(members);
            foreach (var member in alternative.EnumerateObject())
            {
                together[member.Name] = member.Value;
            }

            if (new CaseCheck(names, outcome).Check(together) is not [_, ..] problems)
            {
                return [];
            }

            all.Add(string.Join(", ", problems));
        }

        return [$"none of the alternatives holds: {string.Join(" | ", all)}"];
    }

    private List<string> Check(Dictionary<string, JsonElement> members)
    {
        foreach (var (name, value) in members)
        {
            Check(name, value);
        }

        return _problems;
    }

    private void Check(string name, JsonElement value)
    {
        var client = outcome.Clients[0];
        switch (name)
        {
            case "client_status":
                foreach (var one in outcome.Clients)
                {
                    var status = one.Finals is [var first, ..] ? first.Status : 0;
                    Expect(value.Allows(status), $"the client's status is {status}, not {value}");
                }

                break;
            case "client_statuses":
                var statuses = client.Finals.Select(one => one.Status).ToList();
                Expect(statuses.SequenceEqual(value.EnumerateArray().Select(one => one.GetInt32())), $"the client's statuses are [{string.Join(", ", statuses)}], not {value}");
                break;
            case "client_statuses_any_order":
                var any = outcome.Clients.SelectMany(one => one.Finals).Select(one => one.Status).Order().ToList();
                Expect(any.SequenceEqual(value.EnumerateArray().Select(one => one.GetInt32()).Order()), $"the clients' statuses are [{string.Join(", ", any)}], not {value}");
                break;
            case "client_interim":
                Expect(client.Interim.SequenceEqual(value.EnumerateArray().Select(one => one.GetInt32())), $"the client's interim statuses are [{string.Join(", ", client.Interim)}], not {value}");
                break;
            case "client_headers":
                Headers(value, outcome.First, "the response");
                break;
            case "client_trailers":
                foreach (var trailer in value.EnumerateObject())
                {
                    var found = outcome.First?.Trailers.Where(one => one.Name == trailer.Name).Select(one => one.Value).ToList() ?? [];
                    Expect(found.SequenceEqual([trailer.Value.GetString()!]), $"the trailer {trailer.Name} is [{string.Join(", ", found)}], not {trailer.Value}");
                }

                break;
            case "client_body":
                Body(value, outcome.First, "the response");
                break;
            case "client_complete":
                Expect(outcome.First?.IsComplete == value.GetBoolean(), $"the response is {(outcome.First?.IsComplete == true ? string.Empty : "not ")}whole");
                break;
            case "client_raw":
                Raw(value, client.Raw, wanted: true, "the client");
                break;
            case "client_raw_absent":
                Raw(value, client.Raw, wanted: false, "the client");
                break;
            case "client_conn":
                Expect(client.IsOpen == (value.GetString() == "open"), $"the client's connection is {(client.IsOpen ? "open" : "closed")}");
                break;
            case "backend_saw":
                new NodeCheck(names, outcome, this).Check(value);
                break;
            case "log":
                CaseLogCheck.Check(value, names, outcome.Lines, _problems, alone: outcome.Clients.Count == 1 && client.Finals.Count <= 1);
                break;
            case "timing":
                var took = (int)outcome.Elapsed.TotalMilliseconds;
                Expect(took >= (value.Number("min_ms") ?? 0), $"it took only {took} ms");
                Expect(took <= (value.Number("max_ms") ?? int.MaxValue), $"it took {took} ms");
                break;
            case "flood_max":
                Expect(outcome.Flooded <= value.GetInt64(), $"{outcome.Flooded} bytes could be pushed through to a peer that does not read");
                break;
            case "distribution":
                CaseDistribution.Check(value, [.. outcome.Connections.Select(one => one.Node)], _problems);
                break;
            case "connect_attempts":
                // On a slow machine the requests may take longer than one quarantine.
                var quarantines = 1 + (int)(outcome.Elapsed / RouterRig.Quarantine);
                foreach (var node in value.EnumerateObject())
                {
                    var attempts = outcome.Attempts(node.Name);
                    Expect(attempts <= node.Value.GetProperty("max").GetInt32() * quarantines, $"{node.Name} was tried {attempts} times within {outcome.Elapsed.TotalMilliseconds:0} ms");
                }

                break;
            case "h2_stream_error":
                Expect(outcome.StreamErrors.Contains(value.GetString()), $"the stream did not end with {value} but with [{string.Join(", ", outcome.StreamErrors)}]");
                break;
            default:
                throw new InvalidDataException($"The runner does not know the expectation '{name}'.");
        }
    }

    public void Expect(bool holds, string problem)
    {
        if (!holds)
        {
            _problems.Add(problem);
        }
    }

    public void Raw(JsonElement patterns, string raw, bool wanted, string who)
    {
        foreach (var pattern in patterns.EnumerateArray())
        {
            Expect(names.Pattern(pattern.GetString()!).IsMatch(raw) == wanted, $"{who} {(wanted ? "did not see" : "saw")} /{pattern}/");
        }
    }

    public void Body(JsonElement wanted, HttpMessage? message, string what)
    {
        var body = message?.BodyText ?? string.Empty;
        if (wanted.ValueKind == JsonValueKind.String)
        {
            Expect(message is not null && body == wanted.GetString(), $"the body of {what} is '{Short(body)}', not '{Short(wanted.GetString()!)}'");
            return;
        }

        foreach (var member in wanted.EnumerateObject())
        {
            var holds = member.Name switch
            {
                "length" => body.Length == member.Value.GetInt32(),
                "min_length" => body.Length >= member.Value.GetInt32(),
                "regex" => names.Pattern(member.Value.GetString()!).IsMatch(body),
                _ => throw new InvalidDataException($"The runner does not know the expectation '{member.Name}' of a body."),
            };
            Expect(holds, $"the body of {what} ({body.Length} bytes, '{Short(body)}') is not as in {wanted}");
        }
    }

    public void Headers(JsonElement wanted, HttpMessage? message, string what)
    {
        foreach (var (kind, header) in wanted.EnumerateObject().SelectMany(Entries))
        {
            var values = message?.All(header.Name.ToLowerInvariant()) ?? [];
            var holds = kind switch
            {
                "present" => values.Count > 0 && (header.Value.ValueKind == JsonValueKind.True || values.Exists(names.Pattern(header.Value.GetString()!).IsMatch)),
                "absent" => values.Count == 0,
                "count" => values.Count == header.Value.GetInt32(),
                "list" => values.SequenceEqual(header.Value.EnumerateArray().Select(one => names.Text(one.GetString()!))),
                _ => throw new InvalidDataException($"The runner does not know the expectation '{kind}' of headers."),
            };
            Expect(holds, $"the header {header.Name} of {what} is [{Short(string.Join("] [", values))}], not {kind} {header.Value}");
        }
    }

    public static string Short(string text) => Regex.Escape(text.Length > 120 ? text[..120] + "..." : text);

    private static IEnumerable<(string Kind, (string Name, JsonElement Value) Header)> Entries(JsonProperty kind) =>
        kind.Value.ValueKind == JsonValueKind.Array
            ? kind.Value.EnumerateArray().Select(name => (kind.Name, (name.GetString()!, name)))
            : kind.Value.EnumerateObject().Select(header => (kind.Name, (header.Name, header.Value)));
}

/// <summary>What the nodes should have seen.</summary>
internal sealed class NodeCheck(CaseNames names, CaseOutcome outcome, CaseCheck check)
{
    public void Check(JsonElement expect)
    {
        var requests = outcome.Requests;
        var which = expect.Number("which") ?? 0;
        var request = which < requests.Count ? requests[which] : null;
        foreach (var member in expect.EnumerateObject())
        {
            var value = member.Value;
            switch (member.Name)
            {
                case "which":
                    break;
                case "requests":
                    check.Expect(value.Allows(requests.Count), $"the nodes saw {requests.Count} requests, not {value}");
                    break;
                case "connections":
                    check.Expect(value.Allows(outcome.Connections.Count), $"the nodes saw {outcome.Connections.Count} connections, not {value}");
                    break;
                case "request_line":
                    check.Expect(request?.Start == names.Text(value.GetString()!), $"the request line is '{request?.Start}', not {value}");
                    break;
                case "headers":
                    check.Expect(request is not null, "the nodes saw no request");
                    check.Headers(value, request, "the request");
                    break;
                case "body":
                    check.Body(value, request, "the request");
                    break;
                case "complete":
                    check.Expect(request is null || request.IsComplete == value.GetBoolean(), $"the request is {(request?.IsComplete == true ? string.Empty : "not ")}whole");
                    break;
                case "framing":
                    check.Expect(request is not null && value.Allows(request.Framing), $"the request's framing is {request?.Framing}, not {value}");
                    break;
                case "raw":
                    check.Raw(value, outcome.NodesRaw, wanted: true, "the nodes");
                    break;
                case "raw_absent":
                    check.Raw(value, outcome.NodesRaw, wanted: false, "the nodes");
                    break;
                case "conn_closed":
                    var closed = outcome.Connections.Count > 0 && outcome.Connections.All(one => !one.IsOpen);
                    check.Expect(closed == value.GetBoolean(), $"the node's connection is {(closed ? "closed" : "open")}");
                    break;
                default:
                    throw new InvalidDataException($"The runner does not know the expectation '{member.Name}' of the nodes.");
            }
        }
    }
}
