using System.Collections.Concurrent;
using System.Security.Cryptography;

namespace PaaS.Hosting;

/// <summary>What a ticket shows.</summary>
/// <param name="Log">The log.</param>
/// <param name="Tail">Which lines of it.</param>
/// <param name="BareText">Whether only the text of the lines is wanted, as for a build's output.</param>
internal sealed record StreamView(LogStream Log, LogTail Tail, bool BareText);

/// <summary>
/// Addresses that show a log to whoever holds them, as Logplex's do: the CLI reads them without a token. Each holds 256
/// random bits and ends when nobody has used it for six minutes (Logplex: 360 s).
/// </summary>
internal sealed class StreamTickets(TimeProvider time)
{
    private static readonly TimeSpan Unused = TimeSpan.FromSeconds(360);
    private const int Most = 10_000;
    private readonly ConcurrentDictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);

    /// <summary>Makes an address's secret; null if too many are open.</summary>
    public string? Issue(StreamView view)
    {
        var now = time.GetUtcNow();
        foreach (var (secret, ticket) in _tickets)
        {
            if (ticket.Readers == 0 && now - ticket.UsedAt > Unused)
            {
                _tickets.TryRemove(secret, out _);
            }
        }

        if (_tickets.Count >= Most)
        {
            return null;
        }

        var made = RandomNumberGenerator.GetHexString(64, lowercase: true);
        _tickets[made] = new Ticket(view) { UsedAt = now };
        return made;
    }

    /// <summary>Uses a ticket; dispose the result when the reading ends. Null if there is none, or it has expired.</summary>
    public Use? Open(string secret)
    {
        if (!_tickets.TryGetValue(secret, out var ticket) || (ticket.Readers == 0 && time.GetUtcNow() - ticket.UsedAt > Unused))
        {
            return null;
        }

        Interlocked.Increment(ref ticket.Readers);
        return new Use(ticket, time);
    }

    internal sealed class Ticket(StreamView view)
    {
        public int Readers;

        public StreamView View { get; } = view;

        public DateTimeOffset UsedAt { get; set; }
    }

    internal sealed class Use(Ticket ticket, TimeProvider time) : IDisposable
    {
        public StreamView View => ticket.View;

        public void Dispose()
        {
            ticket.UsedAt = time.GetUtcNow();
            Interlocked.Decrement(ref ticket.Readers);
        }
    }
}
