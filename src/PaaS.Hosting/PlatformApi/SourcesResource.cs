using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;
using Microsoft.AspNetCore.Routing;

namespace PaaS.Hosting;

internal sealed record SourceBlobBody(string? GetUrl, string? PutUrl);

internal sealed record SourceBody(SourceBlobBody SourceBlob);

/// <summary><c>/sources</c>: an address to upload a source archive to, for a build that names it afterwards.</summary>
internal sealed class SourcesResource(Platform platform, SourceUploads uploads, ApiAddresses addresses)
{
    private const string Path = "/source-blobs/";

    public void Map(ApiRoutes routes, IEndpointRouteBuilder endpoints)
    {
        routes.Post("/sources", CreateAsync);
        routes.Post("/apps/{app}/sources", async request =>
        {
            if (platform.FindApp(request.Actor, request.Route("app")).Refusal is { } refusal)
            {
                await request.WriteAsync(refusal);
                return;
            }

            await CreateAsync(request);
        });
        endpoints.MapPut(Path + "{secret}", UploadAsync);
    }

    /// <summary>The secret of an address that was made here; null for any other address.</summary>
    public string? SecretOf(string url) =>
        url.StartsWith(addresses.ApiUrl + Path, StringComparison.Ordinal) && url[(addresses.ApiUrl.Length + Path.Length)..] is var secret && uploads.Knows(secret) ? secret : null;

    private async Task CreateAsync(ApiRequest request)
    {
        if (uploads.Issue() is not { } secret)
        {
            await new ApiError(StatusCodes.Status429TooManyRequests, "rate_limit", "Too many uploads are open. Use those you have, or wait an hour.").WriteAsync(request.Context);
            return;
        }

        var url = addresses.ApiUrl + Path + secret;
        await request.WriteAsync(new SourceBody(new SourceBlobBody(url, url)), ApiJson.Readable.SourceBody, StatusCodes.Status201Created);
    }

    private async Task UploadAsync(HttpContext context)
    {
        var secret = (string?)context.GetRouteValue("secret") ?? string.Empty;
        if (!uploads.Knows(secret))
        {
            await ApiError.NotFound("This upload address has expired. Ask for a new one with POST /sources.").WriteAsync(context);
            return;
        }

        if (context.Features.Get<IHttpMaxRequestBodySizeFeature>() is { IsReadOnly: false } limit)
        {
            limit.MaxRequestBodySize = null;
        }

        if (!await uploads.StoreAsync(secret, context.Request.Body, context.RequestAborted))
        {
            await ApiError.TooLarge($"The archive is larger than {uploads.MaxBytes:N0} bytes. Leave out what the build does not need, with .slugignore for one.").WriteAsync(context);
            return;
        }

        context.Response.StatusCode = StatusCodes.Status200OK;
    }
}
