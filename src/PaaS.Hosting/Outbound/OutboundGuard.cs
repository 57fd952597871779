using System.Net;
using System.Net.Sockets;
using System.Security.Cryptography.X509Certificates;

namespace PaaS.Hosting;

/// <summary>
/// Fetches the URLs that tenants choose. Only the public internet is fetched, and what the operator allows: the name
/// is looked up here, every address that it has is checked, and the connection goes to a checked address and to no
/// other. Redirects are followed by hand and checked again. No proxy, no cookies, no credentials.
/// </summary>
public sealed partial class OutboundGuard : IDisposable
{
    private const int MaximumRedirects = 5;
    private const int MaximumUrlLength = 2048;

    private readonly bool _allowHttp;
    private readonly OutboundAllowList _allowed;
    private readonly TimeProvider _time;
    private readonly Func<string, CancellationToken, Task<IPAddress[]>> _resolve;
    private readonly X509ChainPolicy? _trust;
    private readonly TimeSpan _connectTimeout;
    private readonly HttpMessageInvoker _http;

    /// <summary>Makes a guard.</summary>
    /// <param name="options">What may be fetched. Read once, now.</param>
    /// <param name="time">The clock for the time limit.</param>
    /// <exception cref="FormatException">An entry of the allow-list cannot be read.</exception>
    public OutboundGuard(OutboundOptions options, TimeProvider time) : this(options, time, Dns.GetHostAddressesAsync)
    {
    }

    internal OutboundGuard(OutboundOptions options, TimeProvider time, Func<string, CancellationToken, Task<IPAddress[]>> resolve, X509ChainPolicy? trust = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(time);
        _allowHttp = options.AllowHttp;
        _allowed = new OutboundAllowList(options.Allowed);
        _time = time;
        _resolve = resolve;
        _trust = trust;
        _connectTimeout = options.ConnectTimeout;
        _http = MakeInvoker(async (context, token) => (await ConnectAsync(context, token)).Stream);
    }

    /// <summary>Reads and checks a URL as a tenant gives it, without touching the network.</summary>
    /// <param name="url">The URL.</param>
    /// <exception cref="OutboundException">Not a URL that is fetched: scheme, credentials, length, or a literal address that is not allowed.</exception>
    public Uri Check(string url)
    {
        ArgumentNullException.ThrowIfNull(url);
        if (url.Length > MaximumUrlLength)
        {
            throw Refused($"The URL has {url.Length} characters; at most {MaximumUrlLength} are taken.");
        }

        if (!Uri.TryCreate(url, UriKind.Absolute, out var parsed))
        {
            throw Refused("The URL cannot be read. Give an absolute one, such as https://example.com/app.tar.gz.");
        }

        Check(parsed);
        return parsed;
    }

    /// <summary>Gets what a URL leads to.</summary>
    /// <param name="url">The URL, as the tenant chose it.</param>
    /// <param name="limits">How much and how long.</param>
    /// <param name="cancellationToken">Gives up, also while the body is read.</param>
    /// <returns>The body. Reading past a limit throws; disposing it closes the connection.</returns>
    /// <exception cref="OutboundException">Refused, unreachable, answered badly, too large or too slow; also thrown while the body is read.</exception>
    public async Task<Stream> FetchAsync(Uri url, OutboundLimits limits, CancellationToken cancellationToken) => await OpenAsync(url, limits, cancellationToken);

    /// <summary>Closes every connection.</summary>
    public void Dispose() => _http.Dispose();

    /// <summary>As <see cref="FetchAsync"/>, with what the server says of the body.</summary>
    internal async Task<OutboundBody> OpenAsync(Uri url, OutboundLimits limits, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(url);
        ArgumentNullException.ThrowIfNull(limits);
        var deadline = new OutboundDeadline(limits.Timeout, _time, cancellationToken);
        try
        {
            var response = await deadline.RunAsync(token => FollowAsync(_http, url, token));
            try
            {
                return await OpenBodyAsync(response, limits, deadline);
            }
            catch
            {
                response.Dispose();
                throw;
            }
        }
        catch
        {
            deadline.Dispose();
            throw;
        }
    }

    private HttpMessageInvoker MakeInvoker(Func<SocketsHttpConnectionContext, CancellationToken, ValueTask<Stream>> connect) => new(new SocketsHttpHandler
    {
        ConnectCallback = connect,
        ConnectTimeout = _connectTimeout,
        SslOptions = { CertificateChainPolicy = _trust },
        UseProxy = false,
        UseCookies = false,
        AllowAutoRedirect = false,
        AutomaticDecompression = DecompressionMethods.None,
        ActivityHeadersPropagator = null,
        MaxResponseHeadersLength = 32,
        // A kept connection would outlive the check of its address.
        PooledConnectionLifetime = TimeSpan.Zero,
    });

    private async Task<HttpResponseMessage> FollowAsync(HttpMessageInvoker http, Uri url, CancellationToken cancellationToken)
    {
        for (var redirects = 0; ; redirects++)
        {
            Check(url);
            using var request = new HttpRequestMessage(HttpMethod.Get, url);
            request.Headers.UserAgent.ParseAdd("PaaS-SDK");
            var response = await http.SendAsync(request, cancellationToken);
            if (response.IsSuccessStatusCode)
            {
                return response;
            }

            using (response)
            {
                if (response.StatusCode is not (HttpStatusCode.MovedPermanently or HttpStatusCode.Found or HttpStatusCode.SeeOther or HttpStatusCode.TemporaryRedirect or HttpStatusCode.PermanentRedirect)
                    || response.Headers.Location is not { } location)
                {
                    throw new OutboundException(OutboundFailure.BadAnswer, $"'{url.IdnHost}' answered with status {(int)response.StatusCode} instead of the file.", isFinal: (int)response.StatusCode is >= 400 and < 500 and not (408 or 429));
                }

                if (redirects == MaximumRedirects)
                {
                    throw new OutboundException(OutboundFailure.BadAnswer, $"The URL is redirected more than {MaximumRedirects} times.");
                }

                url = new Uri(url, location);
            }
        }
    }

    private static async Task<OutboundBody> OpenBodyAsync(HttpResponseMessage response, OutboundLimits limits, OutboundDeadline deadline)
    {
        if (response.Content.Headers.ContentLength > limits.MaximumBytes)
        {
            throw OutboundBody.TooLarge(limits.MaximumBytes);
        }

        return new OutboundBody(await deadline.RunAsync(response.Content.ReadAsStreamAsync), response, limits.MaximumBytes, deadline);
    }

    private void Check(Uri url)
    {
        if (!url.IsAbsoluteUri || !(url.Scheme == Uri.UriSchemeHttps || (url.Scheme == Uri.UriSchemeHttp && _allowHttp)))
        {
            throw Refused($"Only {(_allowHttp ? "http and https" : "https")} URLs are fetched.");
        }

        if (url.UserInfo.Length > 0)
        {
            throw Refused("The URL holds a user or password. Give one without: it would stand in logs.");
        }

        var host = url.IdnHost.TrimEnd('.');
        if (OutboundHost.TryParseAddress(host, out var address))
        {
            CheckAddress(host, address);
        }
        else if (!OutboundHost.IsName(host))
        {
            throw Refused("The URL's host is neither a name nor an address that can be read.");
        }
    }

    private void CheckAddress(string host, IPAddress address)
    {
        if (!PublicInternet.Contains(address) && !_allowed.AllowsHost(host) && !_allowed.AllowsAddress(address))
        {
            // Not the address: what a name of the operator's own network leads to is no tenant's business.
            throw Refused($"'{host}' is not a place on the public internet. Put the file where everyone can reach it, or ask the operator to allow this place.");
        }
    }

    private async ValueTask<(Stream Stream, IPAddress Address)> ConnectAsync(SocketsHttpConnectionContext context, CancellationToken cancellationToken)
    {
        var host = context.DnsEndPoint.Host.TrimEnd('.');
        var addresses = OutboundHost.TryParseAddress(host, out var literal) ? [literal] : await _resolve(host, cancellationToken);
        foreach (var address in addresses)
        {
            CheckAddress(host, address);
        }

        Exception? failure = null;
        foreach (var address in addresses)
        {
            var socket = new Socket(address.AddressFamily, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
            try
            {
                await socket.ConnectAsync(new IPEndPoint(address, context.DnsEndPoint.Port), cancellationToken);
                return (new NetworkStream(socket, ownsSocket: true), address);
            }
            catch (Exception e)
            {
                socket.Dispose();
                failure = e;
                if (e is not SocketException)
                {
                    throw;
                }
            }
        }

        throw failure ?? new SocketException((int)SocketError.HostNotFound);
    }

    private static OutboundException Refused(string message) => new(OutboundFailure.Refused, message);
}
