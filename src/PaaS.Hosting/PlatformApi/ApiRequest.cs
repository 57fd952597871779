using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace PaaS.Hosting;

/// <summary>A request to the Platform API that has been authenticated: who asks, and the few ways in which resources read it and answer.</summary>
internal readonly record struct ApiRequest(HttpContext Context, Actor Actor)
{
    /// <summary>The largest JSON body. Config vars are 64 KiB at most; JSON's escapes may make six bytes of one.</summary>
    private const int MaxBodyBytes = 1 << 20;

    public CancellationToken Aborted => Context.RequestAborted;

    public string Route(string name) => (string?)Context.GetRouteValue(name) ?? string.Empty;

    /// <summary>Reads a JSON body. When it returns null the refusal has been written.</summary>
    /// <param name="info">The expected shape.</param>
    /// <param name="ifEmpty">What an empty body means; null refuses it.</param>
    public async Task<T?> ReadAsync<T>(JsonTypeInfo<T> info, T? ifEmpty = null)
        where T : class
    {
        if (Context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = MaxBodyBytes;
        }

        if (ifEmpty is not null && (Context.Request.ContentLength == 0 || Context.Features.Get<IHttpRequestBodyDetectionFeature>() is { CanHaveBody: false }))
        {
            return ifEmpty;
        }

        try
        {
            var body = await JsonSerializer.DeserializeAsync(Context.Request.Body, info, Aborted);
            if (body is not null)
            {
                return body;
            }

            await ApiError.Invalid("The body is null; send a JSON object.").WriteAsync(Context);
        }
        catch (JsonException exception)
        {
            // The exception's own text names .NET types; the path in the body is what helps, unless it is a text of the sender's at length.
            var path = exception.Path is { Length: <= 200 } known ? known : "$";
            await ApiError.BadRequest($"The body is not the JSON that is expected here (at {path}, line {exception.LineNumber + 1}). Send a JSON object with Content-Type: application/json.").WriteAsync(Context);
        }
        catch (BadHttpRequestException exception) when (exception.StatusCode == StatusCodes.Status413PayloadTooLarge)
        {
            await ApiError.TooLarge($"The body is larger than {MaxBodyBytes:N0} bytes. Send less in one request.").WriteAsync(Context);
        }

        return null;
    }

    public Task WriteAsync<T>(T body, JsonTypeInfo<T> info, int status = StatusCodes.Status200OK)
    {
        Context.Response.StatusCode = status;
        return Context.Response.WriteAsJsonAsync(body, info, "application/json", Aborted);
    }

    public Task WriteAsync(Refusal refusal, string resource = "app") => ApiError.Of(refusal, resource).WriteAsync(Context);
}
