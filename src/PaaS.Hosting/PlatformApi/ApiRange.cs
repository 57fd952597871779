using System.Globalization;
using System.Text.Json.Serialization.Metadata;
using System.Text.RegularExpressions;
using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

/// <summary>
/// Heroku's paging: <c>Range: version ..; order=desc, max=15</c> asks, 206 with <c>Next-Range</c> says that there is more.
/// A bound is inclusive, or exclusive behind <c>]</c>.
/// </summary>
internal sealed partial record ApiRange(string? Start, bool StartIsExclusive, string? End, bool IsDescending, int Max)
{
    private const int DefaultMax = 200;
    private const int HighestMax = 1000;

    public static ApiRange Parse(string? header)
    {
        var match = Pattern().Match(header ?? string.Empty);
        if (!match.Success)
        {
            return new ApiRange(null, false, null, false, DefaultMax);
        }

        var options = match.Groups["options"].Value.Split([';', ','], StringSplitOptions.TrimEntries | StringSplitOptions.RemoveEmptyEntries);
        var max = options.FirstOrDefault(option => option.StartsWith("max=", StringComparison.Ordinal));
        return new ApiRange(
            Text(match.Groups["start"]),
            match.Groups["exclusive"].Success,
            Text(match.Groups["end"]),
            options.Contains("order=desc"),
            max is not null && int.TryParse(max.AsSpan(4), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? Math.Clamp(number, 1, HighestMax) : DefaultMax);

        static string? Text(Group group) => group.Length > 0 ? group.Value : null;
    }

    /// <summary>Writes the part of a list that the request asks for.</summary>
    /// <param name="request">The request.</param>
    /// <param name="items">The whole list, ascending by the key.</param>
    /// <param name="field">What the key is called.</param>
    /// <param name="key">The key, in a form that sorts ordinally.</param>
    /// <param name="body">Makes the bodies.</param>
    /// <param name="info">Their shape.</param>
    public static Task WriteAsync<T, TBody>(ApiRequest request, IReadOnlyList<T> items, string field, Func<T, string> key, Func<IReadOnlyList<T>, TBody[]> body, JsonTypeInfo<TBody[]> info)
    {
        var range = Parse(request.Context.Request.Headers.Range);
        var ordered = range.IsDescending ? items.Reverse() : items;
        var wanted = ordered.Where(item => range.Holds(key(item))).Take(range.Max + 1).ToList();
        var more = wanted.Count > range.Max;
        if (more)
        {
            wanted.RemoveAt(range.Max);
            request.Context.Response.Headers["Next-Range"] = string.Create(
                CultureInfo.InvariantCulture, $"{field} ]{key(wanted[^1])}..{range.End}; {(range.IsDescending ? "order=desc, " : "")}max={range.Max}");
        }

        return request.WriteAsync(body(wanted), info, more ? StatusCodes.Status206PartialContent : StatusCodes.Status200OK);
    }

    private bool Holds(string key)
    {
        var fromStart = Start is null ? 1 : string.CompareOrdinal(key, Pad(Start, key));
        var toEnd = End is null ? -1 : string.CompareOrdinal(key, Pad(End, key));
        if (IsDescending)
        {
            (fromStart, toEnd) = (Start is null ? 1 : -fromStart, End is null ? -1 : -toEnd);
        }

        return (StartIsExclusive ? fromStart > 0 : fromStart >= 0) && toEnd <= 0;
    }

    // Numbers are keys with leading zeros, so that they sort as text.
    private static string Pad(string bound, string key) =>
        key.All(char.IsAsciiDigit) && bound.All(char.IsAsciiDigit) ? bound.TrimStart('0').PadLeft(key.Length, '0') : bound;

    [GeneratedRegex(@"^\s*[a-z_]+\s+(?<exclusive>\])?(?<start>[^.;,\s]*)\.\.(?<end>[^;,\s]*)\s*(?:;(?<options>.*))?$", RegexOptions.CultureInvariant, 100)]
    private static partial Regex Pattern();
}
