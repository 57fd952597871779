using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PaaS.Buildpacks;

/// <summary>Reads the JSON files in which apps tell a buildpack what they want, and says of a bad one where it is bad.</summary>
internal static class JsonFile
{
    /// <summary>Reads one.</summary>
    /// <param name="name">The file's name, for people.</param>
    /// <param name="text">Its text; a byte order mark is dropped.</param>
    /// <param name="advice">What is said of a file that is no JSON, behind where it breaks.</param>
    /// <param name="read">Reads the object. May throw <see cref="InvalidDataException"/> with what is wrong.</param>
    /// <param name="result">What was read.</param>
    /// <param name="problem">What is wrong.</param>
    public static bool TryRead<T>(string name, string text, string advice, Func<JsonElement, T> read, [NotNullWhen(true)] out T? result, [NotNullWhen(false)] out string? problem)
        where T : class
    {
        result = null;
        try
        {
            using var document = JsonDocument.Parse(text.TrimStart('\ufeff'));
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                problem = $"{name} is not a JSON object. It begins with '{{' and ends with '}}'.";
                return false;
            }

            result = read(document.RootElement);
            problem = null;
            return true;
        }
        catch (JsonException e)
        {
            var at = e.LineNumber is { } line ? $" at line {line + 1}, column {e.BytePositionInLine + 1}" : string.Empty;
            problem = $"{name} is not valid JSON{at}. {advice}";
        }
        catch (InvalidOperationException)
        {
            // The parser lets half a pair of surrogates stand in a text, and throws when it is asked for the text.
            problem = $"{name} has a text with an escape such as \\ud83d alone, which is half a character. Write the character itself.";
        }
        catch (InvalidDataException e)
        {
            problem = $"{name}: {e.Message}";
        }

        return false;
    }
}
