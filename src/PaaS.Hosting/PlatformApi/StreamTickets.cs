using System.Collections.Concurrent;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Hosting;

/// <summary>What a ticket shows.</summary>
/// <param name="Open">Finds the log, at each reading anew; null if it has not begun yet.</param>
/// <param name="Tail">Which lines of it.</param>
/// <param name="BareText">Whether only the text of the lines is wanted, as for a build's output.</param>
internal sealed record StreamView(Func<LogStream?> Open, LogTail Tail, bool BareText)
{
    /// <summary>A log that is there.</summary>
    public static StreamView Of(LogStream log, LogTail tail, bool bareText) => new(() => log, tail, bareText);
}

/// <summary>
/// Addresses that show a log to whoever holds them, as Logplex's do: the CLI reads them without a token. Each holds 256
/// random bits and ends when nobody has used it for six minutes (Logplex: 360 s).
/// </summary>
internal sealed class StreamTickets(TimeProvider time)
{
    private static readonly TimeSpan Unused = TimeSpan.FromSeconds(360);
    private const int Most = 10_000;
    private readonly byte[] _key = RandomNumberGenerator.GetBytes(32);
    private readonly ConcurrentDictionary<string, Ticket> _tickets = new(StringComparer.Ordinal);

    /// <summary>Makes an address's secret; null if too many are open.</summary>
    /// <param name="view">What it shows.</param>
    /// <param name="name">Gives what has a name one address for as long as it is used: a list that is read every second must not fill the table.</param>
    public string? Issue(StreamView view, string? name = null)
    {
        var now = time.GetUtcNow();
        foreach (var (secret, ticket) in _tickets)
        {
            if (ticket.Readers == 0 && now - ticket.UsedAt > Unused)
            {
                _tickets.TryRemove(secret, out _);
            }
        }

        var made = name is null ? RandomNumberGenerator.GetHexString(64, lowercase: true) : Convert.ToHexStringLower(HMACSHA256.HashData(_key, Encoding.UTF8.GetBytes(name)));
        if (_tickets.TryGetValue(made, out var same))
        {
            same.UsedAt = now;
            return made;
        }

        if (_tickets.Count >= Most)
        {
            return null;
        }

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
