using System.Text;
using System.Text.Json;
using System.Text.RegularExpressions;

namespace PaaS.Routing.Tests;

/// <summary>One line of router-cases.jsonl; the format is in router-cases.README.md.</summary>
internal sealed class RouterCase(JsonElement json)
{
    public string Id { get; } = json.GetProperty("id").GetString()!;

    public string Title { get; } = json.GetProperty("title").GetString()!;

    public string Group { get; } = json.GetProperty("group").GetString()!;

    public JsonElement Client { get; } = json.GetProperty("client");

    public JsonElement Expect { get; } = json.GetProperty("expect");

    public JsonElement? App => json.Find("app");

    public JsonElement? Settings => json.Find("settings");

    /// <summary><c>http/1.1</c>, <c>https</c> or <c>h2</c>.</summary>
    public string Protocol => Client.Text("protocol") ?? "http/1.1";

    /// <summary>Whether it goes by which of many nodes is quicker: it has the machine to itself.</summary>
    public bool IsAlone => Client.Number("concurrent") >= 100;

    public IEnumerable<JsonElement> Control => json.Items("control");

    /// <summary>About how long it takes: its longest pause or limit. The long ones are begun first.</summary>
    public int Length { get; } = Regex.Matches(json.GetRawText(), "\"(?:timeout_ms|pause_ms|deadline_ms)\": ?(\\d+)").Max(match => (int?)int.Parse(match.Groups[1].ValueSpan, provider: null)) ?? 0;

    /// <summary>The nodes; a script alone is one node, web.1.</summary>
    public IEnumerable<CaseNode> Nodes()
    {
        var backend = json.GetProperty("backend");
        if (backend.Find("script") is { } script)
        {
            return [new CaseNode("web.1", "listen", 0, [script])];
        }

        return backend.GetProperty("nodes").EnumerateArray().Select(node => new CaseNode(
            node.GetProperty("name").GetString()!,
            node.Text("mode") ?? "listen",
            node.Number("after_ms") ?? 0,
            [.. node.Items("conns")]));
    }
}

/// <summary>A node of a case.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Mode">How it listens.</param>
/// <param name="AfterMs">When it begins to, if late.</param>
/// <param name="Scripts">What it does on its first connection, its second, and with the last on all others.</param>
internal sealed record CaseNode(string Name, string Mode, int AfterMs, IReadOnlyList<JsonElement> Scripts);

/// <summary>The file.</summary>
internal static class CaseFile
{
    public static IReadOnlyDictionary<string, RouterCase> Cases { get; } = Read();

    private static Dictionary<string, RouterCase> Read()
    {
        var cases = new Dictionary<string, RouterCase>(StringComparer.Ordinal);
        foreach (var line in File.ReadLines(Path.Combine(AppContext.BaseDirectory, "Cases", "router-cases.jsonl")))
        {
            var one = new RouterCase(JsonElement.Parse(line));
            cases.Add(one.Id, one);
            if (CaseLimits.MendedFormOf(one.Id, line) is { } mended)
            {
                cases.Add(mended.Id, mended);
            }
        }

        return cases;
    }
}

/// <summary>The names that a case leaves open.</summary>
internal sealed class CaseNames(string host)
{
    public const string UnknownHost = "no-such-app.invalid";

    public string Host { get; } = host;

    /// <summary>A byte string: a text of which each character is one byte, or parts of which some are repeated.</summary>
    public byte[] Bytes(JsonElement text)
    {
        var whole = new StringBuilder();
        Add(whole, text);
        return Encoding.Latin1.GetBytes(Fill(whole.ToString(), Host, UnknownHost));
    }

    public Regex Pattern(string text) =>
        new(Fill(text, Regex.Escape(Host), Regex.Escape(UnknownHost)), RegexOptions.Singleline | RegexOptions.CultureInvariant, Limit.Unexpected);

    public string Text(string text) => Fill(text, Host, UnknownHost);

    private static string Fill(string text, string host, string unknown) =>
        text.Replace("{{host}}", host, StringComparison.Ordinal).Replace("{{unknown_host}}", unknown, StringComparison.Ordinal);

    private static void Add(StringBuilder whole, JsonElement text)
    {
        switch (text.ValueKind)
        {
            case JsonValueKind.String:
                whole.Append(text.GetString());
                break;
            case JsonValueKind.Object:
                var repeat = text.GetProperty("repeat");
                whole.Insert(whole.Length, repeat[0].GetString()!, repeat[1].GetInt32());
                break;
            default:
                foreach (var part in text.EnumerateArray())
                {
                    Add(whole, part);
                }

                break;
        }
    }
}

/// <summary>JSON whose members may be missing.</summary>
internal static class JsonElementExtensions
{
    public static JsonElement? Find(this JsonElement json, string name) => json.TryGetProperty(name, out var value) ? value : null;

    public static string? Text(this JsonElement json, string name) => json.Find(name)?.GetString();

    public static int? Number(this JsonElement json, string name) => json.Find(name)?.GetInt32();

    public static IEnumerable<JsonElement> Items(this JsonElement json, string name) => json.Find(name) is { } list ? list.EnumerateArray() : [];

    public static IEnumerable<JsonProperty> Members(this JsonElement json, string name) => json.Find(name) is { } members ? members.EnumerateObject() : [];

    /// <summary>A value, or each of a list.</summary>
    public static IEnumerable<JsonElement> OneOrMany(this JsonElement json) => json.ValueKind == JsonValueKind.Array ? json.EnumerateArray() : [json];

    /// <summary>Whether a number is the one that is asked for, or one of them.</summary>
    public static bool Allows(this JsonElement json, int number) => json.OneOrMany().Any(one => one.GetInt32() == number);

    /// <summary>Whether a text is the one that is asked for, or one of them.</summary>
    public static bool Allows(this JsonElement json, string text) => json.OneOrMany().Any(one => one.GetString() == text);
}
