using System.Net.Sockets;

namespace PaaS.Routing;

/// <summary>What an exception of the HTTP client means, in Heroku's words.</summary>
internal static class Failure
{
    /// <summary>Before the head of a response was there.</summary>
    /// <returns><see langword="null"/> if it is no failure of client or dyno.</returns>
    public static RouterError? BeforeResponse(Exception exception, ContextExchange exchange)
    {
        if (Silence(exchange.Watch) is { } silence)
        {
            return silence;
        }

        if (exchange.Context.RequestAborted.IsCancellationRequested)
        {
            return RouterError.ClientInterrupted;
        }

        if (exchange.BodyFailure is { } body)
        {
            return body;
        }

        return exception switch
        {
            HttpRequestException { HttpRequestError: HttpRequestError.ConnectionError } e =>
                e.InnerException is SocketException { SocketErrorCode: SocketError.TimedOut } ? RouterError.ConnectTimeout : RouterError.ConnectRefused,
            HttpRequestException { HttpRequestError: HttpRequestError.InvalidResponse } => RouterError.PoorlyFormattedResponse,
            HttpRequestException { HttpRequestError: HttpRequestError.ConfigurationLimitExceeded } => RouterError.OversizedHeader,
            HttpRequestException { InnerException: IOException } or HttpRequestException { HttpRequestError: HttpRequestError.ResponseEnded } or IOException =>
                exchange.BodyStarted && !exchange.BodySent ? RouterError.ServerInterrupted : RouterError.ClosedWithoutResponse,
            _ => null,
        };
    }

    /// <summary>While a response was relayed.</summary>
    /// <returns><see langword="null"/> if it is no failure of client or dyno.</returns>
    public static RouterError? DuringResponse(Exception exception, ContextExchange exchange)
    {
        // First: to give up a write on a client that does not read, the server ends the connection, and that looks as if the client had left.
        if (Silence(exchange.Watch) is { } silence)
        {
            return silence;
        }

        if (exchange.Context.RequestAborted.IsCancellationRequested)
        {
            return RouterError.ClientInterrupted;
        }

        return exception is IOException or HttpRequestException ? RouterError.ServerInterrupted : null;
    }

    private static RouterError? Silence(Watchdog watch) => !watch.Expired ? null : watch.Waiting switch
    {
        Waiting.FirstByte => RouterError.RequestTimeout,
        Waiting.ClientToSend or Waiting.ClientToRead => RouterError.ClientIdle,
        _ => RouterError.IdleConnection,
    };
}
