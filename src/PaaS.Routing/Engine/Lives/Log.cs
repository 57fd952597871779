using Microsoft.Extensions.Logging;

namespace PaaS.Routing;

/// <summary>The operator's log of the engine.</summary>
internal static partial class Log
{
    [LoggerMessage(200, LogLevel.Debug, "No app has the host name {Host} (request {RequestId}).")]
    private static partial void UnknownHost(ILogger logger, string host, string requestId);

    [LoggerMessage(201, LogLevel.Error, "Request {RequestId} failed inside the router (H99).")]
    private static partial void PlatformError(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(202, LogLevel.Debug, "A request from {Peer} was refused with {Status}: {Reason}")]
    private static partial void Refused(ILogger logger, string peer, int status, string reason);

    [LoggerMessage(203, LogLevel.Error, "Request {RequestId} is over, and some of its records failed: a listener of the router's metrics or spans has thrown.")]
    private static partial void NotRecorded(ILogger logger, Exception exception, string requestId);

    [LoggerMessage(204, LogLevel.Error, "Request {RequestId} waits for its route no more, and the route table failed when it was told so. The request went on.")]
    private static partial void WaitNotEnded(ILogger logger, Exception exception, string requestId);

    public static void UnknownHost(ILogger logger, ReadOnlySpan<char> host, ReadOnlySpan<byte> requestId)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            UnknownHost(logger, host.ToString(), Text(requestId));
        }
    }

    public static void PlatformError(ILogger logger, Exception exception, ReadOnlySpan<byte> requestId) => PlatformError(logger, exception, Text(requestId));

    public static void NotRecorded(ILogger logger, Exception exception, ReadOnlySpan<byte> requestId) => NotRecorded(logger, exception, Text(requestId));

    public static void WaitNotEnded(ILogger logger, Exception exception, ReadOnlySpan<byte> requestId) => WaitNotEnded(logger, exception, Text(requestId));

    public static void Refused(ILogger logger, ReadOnlySpan<byte> peer, RequestRefusal refusal)
    {
        if (logger.IsEnabled(LogLevel.Debug))
        {
            Refused(logger, Text(peer), refusal.Status, refusal.Reason);
        }
    }

    private static string Text(ReadOnlySpan<byte> bytes) => System.Text.Encoding.ASCII.GetString(bytes);
}
