using System.Buffers;

namespace PaaS.Routing;

/// <summary>The name under which a Host header is looked up: no port, lower-case, one trailing dot ignored.</summary>
internal static class HostKey
{
    private static readonly SearchValues<char> Allowed = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._[]:");

    /// <summary>Reads the one Host value of a request.</summary>
    /// <returns><see langword="null"/> if it is empty or malformed; such a request is refused before any lookup.</returns>
    public static string? Parse(string? host)
    {
        if (string.IsNullOrEmpty(host) || host.Length > 262 || host.AsSpan().ContainsAnyExcept(Allowed))
        {
            return null;
        }

        var end = host.Length;
        var colon = host[0] == '[' ? host.IndexOf(':', Math.Max(0, host.IndexOf(']', StringComparison.Ordinal))) : host.IndexOf(':', StringComparison.Ordinal);
        if (host[0] == '[' && host.IndexOf(']', StringComparison.Ordinal) < 0)
        {
            return null;
        }

        if (colon >= 0)
        {
            if (host.AsSpan(colon + 1).ContainsAnyExceptInRange('0', '9'))
            {
                return null;
            }

            end = colon;
        }

        if (end > 1 && host[end - 1] == '.')
        {
            end--;
        }

        return end == 0 || (end == 1 && host[0] == '.') ? null : host[..end].ToLowerInvariant();
    }
}
