using System.Security.Cryptography;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// The secret with which a Rails app signs its sessions, if it has no config var for it. Heroku's buildpack makes one up and keeps it in the
/// cache; so does this one.
/// </summary>
internal static class SecretKeyBase
{
    public const string Name = "SECRET_KEY_BASE";
    private const string File = "ruby/secret_key_base";
    private const int Length = 128;

    /// <summary>The one that is kept, or null.</summary>
    public static string? Read(BuildContext context)
    {
        // A tree that is only looked at has no cache.
        if (context.CacheDirectory == context.BuildDirectory || !Directory.Exists(context.CacheDirectory))
        {
            return null;
        }

        try
        {
            return new SourceTree(context.CacheDirectory).ReadText(File, Length) is { Length: Length } text && text.All(char.IsAsciiHexDigitLower) ? text : null;
        }
        catch (InvalidDataException)
        {
            return null;
        }
    }

    /// <summary>The one that is kept, or a new one.</summary>
    public static string ReadOrMake(BuildContext context)
    {
        if (Read(context) is { } kept)
        {
            return kept;
        }

        var made = RandomNumberGenerator.GetHexString(Length, lowercase: true);
        TreeFile.Write(context.CacheDirectory, File, Encoding.ASCII.GetBytes(made), executable: false, context.UserId);
        return made;
    }
}
