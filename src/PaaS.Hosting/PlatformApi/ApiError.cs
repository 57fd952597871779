using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

/// <summary>An error as Heroku gives it: <c>{"id", "message", "resource"?}</c>. The CLI prints the message.</summary>
internal sealed record ApiError(int Status, string Id, string Message, string? Resource = null)
{
    public static ApiError BadRequest(string message) => new(StatusCodes.Status400BadRequest, "bad_request", message);

    public static ApiError Unauthorized(string message) => new(StatusCodes.Status401Unauthorized, "unauthorized", message);

    public static ApiError NotFound(string message, string? resource = null) => new(StatusCodes.Status404NotFound, "not_found", message, resource);

    public static ApiError TooLarge(string message) => new(StatusCodes.Status413PayloadTooLarge, "too_large", message);

    public static ApiError Invalid(string message) => new(StatusCodes.Status422UnprocessableEntity, "invalid_params", message);

    public static ApiError Of(Refusal refusal, string resource) => refusal.Code switch
    {
        RefusalCode.NotFound => NotFound(refusal.Message, resource),
        RefusalCode.Forbidden => new ApiError(StatusCodes.Status403Forbidden, "forbidden", refusal.Message),
        RefusalCode.Conflict => new ApiError(StatusCodes.Status409Conflict, "conflict", refusal.Message),
        _ => Invalid(refusal.Message),
    };

    public Task WriteAsync(HttpContext context)
    {
        context.Response.StatusCode = Status;
        return context.Response.WriteAsJsonAsync(new ErrorBody(Id, Message, Resource), ApiJson.Readable.ErrorBody, "application/json", context.RequestAborted);
    }
}

internal sealed record ErrorBody(string Id, string Message, string? Resource);
