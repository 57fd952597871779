using System.Text;

namespace PaaS.Routing.Tests;

/// <summary>One hostile stream, and what each side saw of it.</summary>
internal sealed record FramingCase(HostileStream Stream, string Peer, List<StrictRequest> Requests, StreamEnd End, ClientSaw Client)
{
    public List<StrictRequest> Seen { get; } = [];

    public List<RouterLine> Lines { get; } = [];

    /// <summary>Whether another server has read the stream before the router: what that takes for a request may be more than the strict reader does.</summary>
    public bool IsReadByAnother { get; init; }

    /// <summary>What is wrong; null if nothing is.</summary>
    public string? Verdict() => IsReadByAnother && !Stream.IsInnocent ? LinesOfSeen() : Client.Fault ?? MatchSeen(out var matches) ?? LinesFit() ?? ResponsesFit(matches) ?? EndFits();

    /// <summary>Each request at the back end must be one that the strict reader finds in the stream, in order, each once, with the same body.</summary>
    private string? MatchSeen(out List<int> matches)
    {
        matches = [];
        var next = 0;
        foreach (var seen in Seen)
        {
            if (Stream.IsSealed && seen.Target.Contains(HostileStream.Marker, StringComparison.Ordinal))
            {
                return $"bytes of a body, or behind a refusal, were read as a request: {seen}";
            }

            while (next < Requests.Count && !IsSame(Requests[next], seen))
            {
                next++;
            }

            if (next == Requests.Count)
            {
                return $"the back end saw what is not in the stream, or twice, or with another body: {seen}";
            }

            matches.Add(next++);
        }

        return null;
    }

    private static bool IsSame(StrictRequest sent, StrictRequest seen) =>
        seen.Method == sent.Method && seen.Target == sent.Url && (seen.IsWhole ? sent.IsWhole && sent.Body.AsSpan().SequenceEqual(seen.Body) : sent.Body.AsSpan().StartsWith(seen.Body));

    private string? LinesFit()
    {
        if (Lines.Count > Requests.Count + (End is StreamEnd.Refused or StreamEnd.Cut ? 1 : 0))
        {
            return $"{Lines.Count} router lines for {Requests.Count} requests";
        }

        return LinesOfSeen();
    }

    private string? LinesOfSeen()
    {
        if (Lines.Select(line => line.Id).Distinct().Count() != Lines.Count)
        {
            return "two router lines have one request id";
        }

        if (Seen.Select(seen => seen.Id).Distinct().Count() != Seen.Count)
        {
            return "the back end saw a request twice";
        }

        return Seen.Find(seen => Lines.Count(line => line.Id == seen.Id && line.Dyno.Length > 0) != 1) is { } lost ? $"a request at the back end has no router line, or several: {lost}" : null;
    }

    private string? ResponsesFit(List<int> matches)
    {
        for (var i = 0; i < Client.Responses.Count; i++)
        {
            var response = Client.Responses[i];
            if (response.Seen is { } seen && (i >= Requests.Count || seen != Requests[i].Url || response.Status != 200))
            {
                return $"response {i + 1} belongs to another request: {Escaped.Text(seen)}";
            }

            if (response.Seen is null && !response.IsWhole)
            {
                return $"response {i + 1}, a {response.Status} of the router's own, is cut";
            }

            if (response.Seen is null && response.Status is 400 or 408 or 414 or 431 or 501 or 505)
            {
                if (i != Client.Responses.Count - 1 || !Client.IsClosed)
                {
                    return $"the connection goes on behind a refusal ({response.Status}, response {i + 1})";
                }

                if (matches.Count > 0 && matches[^1] > i)
                {
                    return $"request {matches[^1] + 1} reached a back end, and request {i + 1} was refused ({response.Status})";
                }
            }
            else if (response.Seen is null && response.Status is not (404 or 417 or 421 or 503))
            {
                return $"response {i + 1} is a {response.Status}, and no dyno has given it";
            }
        }

        return null;
    }

    private string? EndFits()
    {
        if (Client.Responses.Count > Requests.Count + (End is StreamEnd.Refused or StreamEnd.Cut ? 1 : 0))
        {
            return $"{Client.Responses.Count} responses to {Requests.Count} requests";
        }

        if (Stream.IsInnocent && (Client.Responses.Count != Requests.Count || Seen.Count != Requests.Count || Client.Responses.Exists(response => response.Seen is null)))
        {
            return "an innocent request was not answered by the app";
        }

        return null;
    }

    public override string ToString()
    {
        var text = new StringBuilder();
        text.Append("seed ").Append(Stream.Seed).Append(", the stream ends '").Append(End).Append("', segments ").AppendJoin(' ', Stream.Cuts).AppendLine();
        text.Append("sent:     ").AppendLine(Escaped.Bytes(Stream.Bytes));
        text.Append("received: ").Append(Escaped.Bytes(Client.Bytes)).AppendLine(Client.IsClosed ? " (closed)" : "");
        Requests.ForEach(request => text.Append("in the stream:   ").Append(request).AppendLine());
        Seen.ForEach(request => text.Append("at the back end: ").Append(request).AppendLine());
        Lines.ForEach(line => text.Append("router line:     ").AppendLine(line.Text));
        return text.ToString();
    }
}
