using System.Buffers.Text;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Hosting;

/// <summary>The token of the built-in operator account, in a file that only the host's user can read.</summary>
internal static class OperatorToken
{
    public const int MinimumLength = 16;
    public const int MaximumLength = 512;
    private const string Prefix = "paas-";
    private const int RandomBytes = 32;

    public static string LoadOrCreate(string path, string? given)
    {
        if (given is not null)
        {
            Check(given, "The given token");
            Store(path, given);
            return given;
        }

        if (File.Exists(path))
        {
            Posix.SetMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite);
            var stored = File.ReadAllText(path).TrimEnd('\n');
            Check(stored, $"The token in '{path}'");
            return stored;
        }

        var made = Prefix + Base64Url.EncodeToString(RandomNumberGenerator.GetBytes(RandomBytes));
        Store(path, made);
        return made;
    }

    private static void Store(string path, string token) => DurableFile.Write(path, Encoding.ASCII.GetBytes(token + "\n"));

    // The messages never repeat the token: they end up in terminals and logs.
    private static void Check(string token, string subject)
    {
        if (token.Length is < MinimumLength or > MaximumLength)
        {
            throw new FormatException($"{subject} has {token.Length} characters; it needs {MinimumLength} to {MaximumLength}. Choose a longer random one, or give none and let the host make it.");
        }

        if (token.AsSpan().ContainsAnyExceptInRange('!', '~'))
        {
            throw new FormatException($"{subject} has a blank, a control character or a letter outside ASCII. Use ASCII letters, digits and marks without blanks.");
        }
    }
}
