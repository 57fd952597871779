using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace PaaS.Runtime;

/// <summary>Asks by HTTP/1.1: a connection for each attempt, no proxy, no redirect followed, no cookie kept, at most 64 KiB of the answer read.</summary>
internal sealed class HttpHealthProbe(TimeProvider time) : IHealthProbe
{
    private const int MostBytes = 64 * 1024;
    private const int MostHeaderKilobytes = 32;

    public async ValueTask<HealthAnswer> AskAsync(IPEndPoint address, string host, HealthCheck check, CancellationToken cancellationToken = default)
    {
        using var timeout = new CancellationTokenSource(check.Timeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellationToken);
        try
        {
            return await AskOnceAsync(address, host, check, either.Token).ConfigureAwait(false);
        }
        catch (OperationCanceledException) when (timeout.IsCancellationRequested && !cancellationToken.IsCancellationRequested)
        {
            return new(false, string.Create(CultureInfo.InvariantCulture, $"was not answered within {check.Timeout.TotalSeconds:0.###} seconds"));
        }
        catch (Exception exception) when (exception is HttpRequestException or IOException or SocketException)
        {
            return new(false, $"failed: {exception.Message}");
        }
    }

    private static async ValueTask<HealthAnswer> AskOnceAsync(IPEndPoint address, string host, HealthCheck check, CancellationToken cancellationToken)
    {
        using var handler = new SocketsHttpHandler
        {
            UseProxy = false,
            UseCookies = false,
            AllowAutoRedirect = false,
            MaxResponseHeadersLength = MostHeaderKilobytes,
            ActivityHeadersPropagator = null,
            ConnectCallback = (_, token) => ConnectAsync(address, token),
        };
        using var client = new HttpMessageInvoker(handler);
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri($"http://{address}{check.Path}"));
        request.Headers.Host = host;
        request.Headers.ConnectionClose = true;
        request.Headers.UserAgent.ParseAdd("PaaS-Health-Check/1.0");
        using var response = await client.SendAsync(request, cancellationToken).ConfigureAwait(false);
        var status = (int)response.StatusCode;
        if (status >= 400)
        {
            return new(false, string.Create(CultureInfo.InvariantCulture, $"answered {status}"));
        }

        if (check.Content is { Length: > 0 } content && !await HoldsAsync(response, content, cancellationToken).ConfigureAwait(false))
        {
            return new(false, string.Create(CultureInfo.InvariantCulture, $"answered {status} without '{content}' in its first 64 KiB"));
        }

        return new(true, string.Create(CultureInfo.InvariantCulture, $"answered {status}"));
    }

    private static async ValueTask<Stream> ConnectAsync(IPEndPoint address, CancellationToken cancellationToken)
    {
        var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        try
        {
            await socket.ConnectAsync(address, cancellationToken).ConfigureAwait(false);
            return new NetworkStream(socket, ownsSocket: true);
        }
        catch
        {
            socket.Dispose();
            throw;
        }
    }

    private static async ValueTask<bool> HoldsAsync(HttpResponseMessage response, string content, CancellationToken cancellationToken)
    {
        using var body = await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false);
        var bytes = new byte[MostBytes];
        var count = await body.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
        return bytes.AsSpan(0, count).IndexOf(Encoding.UTF8.GetBytes(content)) >= 0;
    }
}
