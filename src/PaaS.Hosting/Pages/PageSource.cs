using System.Net.Http.Headers;

namespace PaaS.Hosting;

/// <summary>Gets the page that a config var names.</summary>
/// <param name="url">The value of the config var.</param>
/// <param name="cancellationToken">Gives up.</param>
/// <exception cref="OutboundException">There is no page to be had; the message may be shown to the app's owner.</exception>
internal delegate Task<RoutePage> PageFetch(string url, CancellationToken cancellationToken);

/// <summary>Fetches pages through the outbound guard, so that an app's URL leads nowhere but to the public internet.</summary>
internal sealed class PageSource(OutboundGuard outbound)
{
    /// <summary>The largest page, as <see cref="RoutePage"/> may have.</summary>
    public const int MaxBytes = 1 << 20;

    private const string DefaultContentType = "text/html; charset=utf-8";
    private const int MaxContentTypeLength = 200;
    private static readonly OutboundLimits s_limits = new(MaxBytes, TimeSpan.FromSeconds(10));

    public async Task<RoutePage> FetchAsync(string url, CancellationToken cancellationToken)
    {
        // Heroku's own examples are of this form.
        var address = outbound.Check(url.StartsWith("//", StringComparison.Ordinal) ? "https:" + url : url);
        await using var body = await outbound.OpenAsync(address, s_limits, cancellationToken);
        if (body.Headers.ContentEncoding.Count > 0)
        {
            throw new OutboundException(OutboundFailure.BadAnswer, $"'{address.IdnHost}' sent the page in a coding that was not asked for. Have it sent as it is.");
        }

        using var page = new MemoryStream();
        await body.CopyToAsync(page, cancellationToken);
        return page.Length > 0
            ? new RoutePage(ContentTypeOf(body.Headers), page.ToArray())
            : throw new OutboundException(OutboundFailure.BadAnswer, $"'{address.IdnHost}' sent an empty page.");
    }

    /// <summary>Whether a text can stand in a header as the type of a page.</summary>
    public static bool IsContentType(string text) =>
        text.Length is > 0 and <= MaxContentTypeLength && text.All(static c => c is >= ' ' and < '\x7f') && MediaTypeHeaderValue.TryParse(text, out _);

    private static string ContentTypeOf(HttpContentHeaders headers) =>
        headers.ContentType?.ToString() is { } text && IsContentType(text) ? text : DefaultContentType;
}
