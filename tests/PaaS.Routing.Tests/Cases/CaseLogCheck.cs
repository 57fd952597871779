using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>Holds an app's router lines against what a case expects of the request's.</summary>
internal static class CaseLogCheck
{
    /// <summary>Holds for every case: a request of a known app leaves one line, not more and not fewer.</summary>
    public static IEnumerable<string> CountProblems(CaseOutcome outcome)
    {
        var lines = outcome.Lines.Count - outcome.OperatorRequests;
        var asked = outcome.Clients.Sum(client => Math.Max(1, client.Finals.Count));
        var answered = outcome.Clients.SelectMany(client => client.Finals).Count(one => one.IsComplete && one.Status is not (0 or 101 or 400 or 404 or 405 or 408 or 414 or 421 or 431 or 501 or 505));
        if (lines > asked || lines < Math.Min(answered, LogStream.DefaultCapacity))
        {
            yield return $"there are {lines} router lines of {asked} requests, of which {answered} were answered by the app or for it";
        }
    }

    /// <param name="expect">What is expected.</param>
    /// <param name="names">The case's names.</param>
    /// <param name="lines">The app's router lines.</param>
    /// <param name="problems">Gets what is not so.</param>
    /// <param name="alone">Whether there was one request only: then there is one line only.</param>
    public static void Check(JsonElement expect, CaseNames names, IReadOnlyList<string> lines, List<string> problems, bool alone)
    {
        if (lines.Count == 0)
        {
            if (expect.Find("optional")?.GetBoolean() != true)
            {
                problems.Add("there is no router line");
            }

            return;
        }

        if (alone && lines.Count > 1)
        {
            problems.Add($"there are {lines.Count} router lines: {string.Join(" | ", lines)}");
        }

        // Of several requests one is meant: the one that the line fits.
        var all = lines.Select(line => Problems(expect, names, line)).ToList();
        if (!all.Exists(one => one.Count == 0))
        {
            problems.Add($"{string.Join(", ", all[^1])} in the router line {lines[^1]}");
        }
    }

    private static List<string> Problems(JsonElement expect, CaseNames names, string line)
    {
        var problems = new List<string>();
        var fields = LogLineFields.Of(line);
        foreach (var member in expect.EnumerateObject())
        {
            switch (member.Name)
            {
                case "optional":
                    break;
                case "line":
                    Expect(names.Pattern(member.Value.GetString()!).IsMatch(line), $"/{member.Value}/ is not");
                    break;
                case "line_absent":
                    Expect(!names.Pattern(member.Value.GetString()!).IsMatch(line), $"/{member.Value}/ is");
                    break;
                case "fields":
                    foreach (var field in member.Value.EnumerateObject())
                    {
                        Expect(
                            fields.TryGetValue(field.Name, out var text) && names.Pattern($"^(?:{field.Value.GetString()})$").IsMatch(text),
                            $"{field.Name} is not /{field.Value}/");
                    }

                    break;
                case "at" or "code" or "desc" or "cause" or "sock":
                    Expect(fields.TryGetValue(member.Name, out var value) && member.Value.Allows(value.Trim('"')), $"{member.Name} is not {member.Value}");
                    break;
                default:
                    throw new InvalidDataException($"The runner does not know the expectation '{member.Name}' of a router line.");
            }
        }

        return problems;

        void Expect(bool holds, string problem)
        {
            if (!holds)
            {
                problems.Add(problem);
            }
        }
    }
}

/// <summary>Holds how requests were spread over nodes against what a case expects.</summary>
internal static class CaseDistribution
{
    /// <param name="expect">What is expected.</param>
    /// <param name="nodes">The node of each request, in their order.</param>
    /// <param name="problems">Gets what is not so.</param>
    public static void Check(JsonElement expect, IReadOnlyList<string> nodes, List<string> problems)
    {
        var counts = nodes.CountBy(node => node).ToDictionary();
        var shown = string.Join(", ", counts.Select(pair => $"{pair.Key}: {pair.Value}"));
        foreach (var member in expect.EnumerateObject())
        {
            var value = member.Value;
            var holds = member.Name switch
            {
                "nodes" => counts.Count == value.GetInt32(),
                "each_min" => counts.Values.All(count => count >= value.GetInt32()),
                "each_max" => counts.Values.All(count => count <= value.GetInt32()),
                "serial_repeat_rate" => RepeatRate() is var rate && rate >= value[0].GetDouble() && rate <= value[1].GetDouble(),
                _ when member.Name.Contains('.', StringComparison.Ordinal) => nodes.Count > 0 && counts.GetValueOrDefault(member.Name) <= value.GetProperty("max").GetInt32(),
                _ => throw new InvalidDataException($"The runner does not know the expectation '{member.Name}' of a distribution."),
            };
            if (!holds)
            {
                problems.Add($"the distribution ({shown}; repeat rate {RepeatRate():0.000}) is not {member.Name} {value}");
            }
        }

        double RepeatRate() => nodes.Zip(nodes.Skip(1)).Count(pair => pair.First == pair.Second) / Math.Max(1.0, nodes.Count - 1);
    }
}
