using System.Text;

namespace PaaS.Core;

/// <summary>What a config var may be called and may hold. No message contains a value: values are secrets.</summary>
internal static class ConfigVarRules
{
    public const int MaxNameLength = 255;

    /// <summary>What is wrong with setting (or, with null, removing) a config var; null if nothing is.</summary>
    public static string? Problem(string? name, string? value)
    {
        if (string.IsNullOrEmpty(name))
        {
            return "A config var needs a name, such as DATABASE_URL.";
        }

        if (name.Length > MaxNameLength)
        {
            return $"The config var '{Printable.Of(name, 40)}' has a name of {name.Length} characters; at most {MaxNameLength} are allowed.";
        }

        if (char.IsAsciiDigit(name[0]) || !name.All(static c => char.IsAsciiLetterOrDigit(c) || c == '_'))
        {
            return $"The config var name '{Printable.Of(name, 100)}' cannot be used: use ASCII letters, digits and '_', and do not begin with a digit.";
        }

        // Removing is allowed: an old one must be possible to get rid of.
        if (name is "PORT" or "DYNO" && value is not null)
        {
            return $"{name} cannot be set: the platform sets it for every dyno. Choose another name.";
        }

        if (value is null)
        {
            return null;
        }

        return value.Contains('\0', StringComparison.Ordinal) ? $"The value of {name} contains a NUL character, which an environment cannot hold. Remove it, or encode the value."
            : !IsText(value) ? $"The value of {name} is not well-formed Unicode text. Encode it, for example as base64."
            : null;
    }

    /// <summary>The bytes a name and a value count for.</summary>
    public static int Size(string name, string value) => Encoding.UTF8.GetByteCount(name) + Encoding.UTF8.GetByteCount(value);

    private static bool IsText(string value)
    {
        for (var i = 0; i < value.Length; i++)
        {
            if (char.IsSurrogate(value[i]) && (i + 1 == value.Length || !char.IsSurrogatePair(value[i], value[++i])))
            {
                return false;
            }
        }

        return true;
    }
}
