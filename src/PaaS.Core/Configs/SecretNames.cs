namespace PaaS.Core;

/// <summary>Whether the name of a config var, or of a part of one, says that it holds a secret.</summary>
internal static class SecretNames
{
    /// <summary>They say it wherever they stand, also within a word: <c>MYAPPSECRET</c>.</summary>
    private static readonly string[] Anywhere = ["SECRET", "TOKEN", "PASSWORD", "PASSWD", "PASSPHRASE", "CREDENTIAL", "PRIVATE", "APIKEY", "ACCESSKEY"];

    /// <summary>They say it as a word of their own.</summary>
    private static readonly HashSet<string> Words = new(StringComparer.Ordinal)
    {
        "KEY", "KEYS", "PASS", "PWD", "CREDS", "SALT", "PEPPER", "PIN", "COOKIE", "SIGNATURE", "DSN", "WEBHOOK", "JWT", "BEARER",
    };

    /// <summary>As the last word they say that it is something about a secret, which then only its value can make one.</summary>
    private static readonly HashSet<string> About = new(StringComparer.Ordinal)
    {
        "PATH", "FILE", "DIR", "HOST", "PORT", "URL", "URI", "ENDPOINT", "DOMAIN", "REGION", "TTL", "TIMEOUT", "EXPIRY", "TYPE", "MODE", "SIZE", "LENGTH", "ALGORITHM", "ENABLED",
    };

    /// <summary>Whether it says so.</summary>
    /// <param name="name">Words parted by anything but letters and digits, or by capitals: <c>API_KEY</c>, <c>apiKey</c>, <c>Account Key</c>.</param>
    public static bool SaySecret(string name)
    {
        var words = WordsOf(name);
        return words.Contains("WEBHOOK", StringComparer.Ordinal) || (words.Count > 0 && !About.Contains(words[^1]) && words.Exists(Says));
    }

    private static bool Says(string word) =>
        Words.Contains(word)
        || word.EndsWith("KEY", StringComparison.Ordinal)
        || word.EndsWith("AUTH", StringComparison.Ordinal)
        || (word.StartsWith("AUTH", StringComparison.Ordinal) && (!word.StartsWith("AUTHOR", StringComparison.Ordinal) || word == "AUTHORIZATION"))
        || Array.Exists(Anywhere, part => word.Contains(part, StringComparison.Ordinal));

    private static List<string> WordsOf(string name)
    {
        var words = new List<string>();
        var start = 0;
        for (var i = 0; i <= name.Length; i++)
        {
            var ends = i == name.Length || !char.IsAsciiLetterOrDigit(name[i]);
            if (ends || (i > start && char.IsAsciiLetterUpper(name[i]) && char.IsAsciiLetterLower(name[i - 1])))
            {
                if (i > start)
                {
                    words.Add(name[start..i].ToUpperInvariant());
                }

                start = ends ? i + 1 : i;
            }
        }

        return words;
    }
}
