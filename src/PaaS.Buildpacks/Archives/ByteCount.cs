using System.Globalization;

namespace PaaS.Buildpacks;

/// <summary>Sizes as Heroku's build output writes them: 36.3M, 815.2K.</summary>
internal static class ByteCount
{
    public static string Short(long bytes) => bytes switch
    {
        < 1 << 20 => (bytes / 1024.0).ToString("0.#", CultureInfo.InvariantCulture) + "K",
        _ => (bytes / (1024.0 * 1024)).ToString("0.#", CultureInfo.InvariantCulture) + "M",
    };
}
