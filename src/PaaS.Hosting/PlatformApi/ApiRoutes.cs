using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Routing;

namespace PaaS.Hosting;

/// <summary>Maps the Platform API's routes. Every route made here is authenticated; there is no other way to make one.</summary>
internal sealed class ApiRoutes(IEndpointRouteBuilder endpoints, ApiAuthentication authentication)
{
    public void Get(string pattern, Func<ApiRequest, Task> handle) => Map("GET", pattern, handle);

    public void Post(string pattern, Func<ApiRequest, Task> handle) => Map("POST", pattern, handle);

    public void Put(string pattern, Func<ApiRequest, Task> handle) => Map("PUT", pattern, handle);

    public void Patch(string pattern, Func<ApiRequest, Task> handle) => Map("PATCH", pattern, handle);

    public void Delete(string pattern, Func<ApiRequest, Task> handle) => Map("DELETE", pattern, handle);

    private void Map(string method, string pattern, Func<ApiRequest, Task> handle) =>
        endpoints.MapMethods(pattern, [method], async context =>
        {
            context.Response.Headers["Request-Id"] = Guid.NewGuid().ToString();
            if (await authentication.AuthenticateAsync(context) is { } actor)
            {
                await handle(new ApiRequest(context, actor));
            }
        });
}
