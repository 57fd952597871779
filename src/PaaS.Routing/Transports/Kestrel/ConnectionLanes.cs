using System.Globalization;
using System.Text;
using Microsoft.Extensions.ObjectPool;

namespace PaaS.Routing;

/// <summary>The Date header's value of one second.</summary>
internal sealed class DateHeader(long second)
{
    public long Second { get; } = second;

    public byte[] Text { get; } = Encoding.ASCII.GetBytes(DateTimeOffset.FromUnixTimeSeconds(second).ToString("r", CultureInfo.InvariantCulture));
}

/// <summary>What the lanes on Kestrel share: the connections to dynos that are kept, the deadlines, and machines to be used again. Safe for threads.</summary>
internal sealed class ConnectionLanes : IDisposable
{
    private DateHeader _date = new(0);
    private int _clients;

    public ConnectionLanes(RouterEngine engine)
    {
        Engine = engine;
        Alarms = new LaneAlarms(engine.Time);
        Pools = new SocketPools(engine.Time);
        TooManyConnections = ErrorResponse(RequestRecorder.TooManyConnections());
    }

    public RouterEngine Engine { get; }

    public LaneAlarms Alarms { get; }

    public SocketPools Pools { get; }

    public ObjectPool<Exchange> Exchanges { get; } = new DefaultObjectPool<Exchange>(new DefaultPooledObjectPolicy<Exchange>(), 256);

    /// <summary>What a client gets that is one too many.</summary>
    public byte[] TooManyConnections { get; }

    /// <summary>How many clients there are.</summary>
    public int Clients => Volatile.Read(ref _clients);

    /// <summary>One more client.</summary>
    /// <returns>How many there are.</returns>
    public int Enter() => Interlocked.Increment(ref _clients);

    public void Leave() => Interlocked.Decrement(ref _clients);

    public DateHeader DateAt(long unixMilliseconds)
    {
        var second = unixMilliseconds / 1000;
        var date = Volatile.Read(ref _date);
        if (date.Second != second)
        {
            Volatile.Write(ref _date, date = new DateHeader(second));
        }

        return date;
    }

    /// <summary>Closes the connections that no request uses. Those with a request go on, and are closed after it.</summary>
    public void Dispose()
    {
        Pools.Dispose();
        Alarms.Dispose();
    }

    private static byte[] ErrorResponse(in ErrorAnswer answer) =>
    [
        .. Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {answer.Status} {StatusText.Of(answer.Status)}\r\nContent-Type: {answer.ContentType}\r\nCache-Control: no-cache, no-store\r\nContent-Length: {answer.Body.Length}\r\nConnection: close\r\n\r\n")),
        .. answer.Body.Span,
    ];
}
