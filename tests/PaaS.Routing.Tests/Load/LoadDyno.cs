using System.Globalization;
using System.Text;
using Microsoft.AspNetCore.Http;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing.Tests;

/// <summary>What the apps under load do.</summary>
internal static class LoadDyno
{
    public static Task<KestrelDyno> StartAsync(int number) => KestrelDyno.StartAsync(ServeAsync, string.Create(CultureInfo.InvariantCulture, $"web.{number}"));

    private static Task ServeAsync(HttpContext context) => context.Request.Path.Value switch
    {
        "/small" => context.Response.WriteAsync("hello"),
        "/upload" => CountAsync(context),
        "/slow" => DripAsync(context),
        _ => EchoAsync(context),
    };

    /// <summary>Tells how long the body was, and the sum of its bytes.</summary>
    private static async Task CountAsync(HttpContext context)
    {
        var buffer = new byte[16 * 1024];
        var (length, sum) = (0L, 0L);
        while (await context.Request.Body.ReadAsync(buffer) is var count and not 0)
        {
            length += count;
            foreach (var one in buffer.AsSpan(0, count))
            {
                sum += one;
            }
        }

        await context.Response.WriteAsync(string.Create(CultureInfo.InvariantCulture, $"{length} {sum}"));
    }

    /// <summary>Takes its time, as a report that is made while it is sent.</summary>
    private static async Task DripAsync(HttpContext context)
    {
        for (var i = 0; i < 5; i++)
        {
            await context.Response.Body.WriteAsync(Encoding.ASCII.GetBytes(new string((char)('a' + i), 1000)));
            await context.Response.Body.FlushAsync();
            await Task.Delay(20);
        }
    }

    private static async Task EchoAsync(HttpContext context)
    {
        await using var stream = await context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        var buffer = new byte[16 * 1024];
        while (await stream.ReadAsync(buffer) is var count and not 0)
        {
            await stream.WriteAsync(buffer.AsMemory(0, count));
        }
    }
}
