using System.Globalization;
using System.Text.Json;

namespace PaaS.Runtime;

/// <summary>A file of variables in JSON: <c>{"db":{"url":"x"},"hosts":["a","b"]}</c> is DB_URL, HOSTS_0 and HOSTS_1. A null is no variable.</summary>
internal static class JsonVariables
{
    /// <returns><see langword="null"/> if the text is not JSON.</returns>
    public static List<KeyValuePair<string, string>>? TryRead(string text)
    {
        try
        {
            using var json = JsonDocument.Parse(text);
            var variables = new List<KeyValuePair<string, string>>();
            if (json.RootElement.ValueKind is JsonValueKind.Object or JsonValueKind.Array)
            {
                Flatten(json.RootElement, string.Empty, variables);
            }

            return variables;
        }
        catch (Exception e) when (e is JsonException or InvalidOperationException)
        {
            // Half a surrogate pair, escaped, is JSON to the parser and no text.
            return null;
        }
    }

    private static void Flatten(JsonElement element, string path, List<KeyValuePair<string, string>> variables)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                foreach (var property in element.EnumerateObject())
                {
                    Flatten(property.Value, Join(path, property.Name), variables);
                }

                break;
            case JsonValueKind.Array:
                var index = 0;
                foreach (var item in element.EnumerateArray())
                {
                    Flatten(item, Join(path, (index++).ToString(CultureInfo.InvariantCulture)), variables);
                }

                break;
            case JsonValueKind.Null:
                break;
            default:
                variables.Add(new(path.ToUpperInvariant(), Text(element)));
                break;
        }
    }

    private static string Join(string path, string name) => path.Length == 0 ? name : $"{path}_{name}";

    private static string Text(JsonElement value) => value.ValueKind switch
    {
        JsonValueKind.String => value.GetString()!,
        JsonValueKind.True => "true",
        JsonValueKind.False => "false",

        // 1.50 is 1.5, as every reader of JSON has it.
        _ => value.TryGetInt64(out var whole) ? whole.ToString(CultureInfo.InvariantCulture) : value.GetDouble().ToString("R", CultureInfo.InvariantCulture),
    };
}
