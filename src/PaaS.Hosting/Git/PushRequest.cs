using System.Collections.Immutable;
using System.Text;

namespace PaaS.Hosting;

/// <summary>What the hook hands over: the updates a client asks for, and the name of the directory that holds the new objects.</summary>
/// <param name="Quarantine">The directory's name inside the object store; null if nothing came.</param>
/// <param name="Updates">The first updates, in the client's order.</param>
/// <param name="Count">How many there were.</param>
internal sealed record PushRequest(string? Quarantine, ImmutableArray<RefUpdate> Updates, int Count)
{
    /// <summary>How many updates are looked at; one is all that is ever accepted.</summary>
    public const int MaxUpdates = 16;

    /// <summary>Reads the hook's lines: <c>quarantine NAME</c>, then <c>OLD NEW REF</c> for each update, then <c>end</c>.</summary>
    /// <exception cref="GitException">They are not that.</exception>
    public static async Task<PushRequest> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        string? quarantine = null;
        var updates = ImmutableArray.CreateBuilder<RefUpdate>();
        var count = 0;
        using var reader = new StreamReader(stream, new UTF8Encoding(false), detectEncodingFromByteOrderMarks: false, leaveOpen: true);
        while (await ReadLineAsync(reader, cancellationToken) is { } line && line != "end")
        {
            if (line.Split(' ', 2) is ["quarantine", var name])
            {
                quarantine = IsQuarantine(name) ? name : name.Length == 0 ? null : throw new GitException($"git keeps the objects of a push in '{name}', which the host does not know.");
            }
            else if (line.Split(' ', 3) is [var old, var next, var reference] && IsObjectName(old) && IsObjectName(next))
            {
                if (count++ < MaxUpdates)
                {
                    updates.Add(new RefUpdate(IsZero(old) ? null : old, IsZero(next) ? null : next, reference));
                }
            }
            else
            {
                throw new GitException("The pre-receive hook sent a line that the host cannot read.");
            }
        }

        return new PushRequest(quarantine, updates.ToImmutable(), count);
    }

    /// <summary>Whether a text is a full object name in hex.</summary>
    public static bool IsObjectName(string text) => text.Length is 40 or 64 && text.All(char.IsAsciiHexDigitLower);

    /// <summary>Whether git names its quarantine so: <c>tmp_objdir-incoming-AbCd12</c>, before git 2.36 without the first part.</summary>
    public static bool IsQuarantine(string name)
    {
        var rest = name.AsSpan();
        rest = rest.StartsWith("tmp_objdir-", StringComparison.Ordinal) ? rest["tmp_objdir-".Length..] : rest;
        return rest.StartsWith("incoming-", StringComparison.Ordinal) && rest.Length is > 9 and < 40 && rest[9..].IndexOfAnyExceptInRange('0', 'z') < 0;
    }

    private static bool IsZero(string name) => !name.AsSpan().ContainsAnyExcept('0');

    private static async ValueTask<string> ReadLineAsync(StreamReader reader, CancellationToken cancellationToken) =>
        await reader.ReadLineAsync(cancellationToken) ?? throw new GitException("The pre-receive hook left in the middle of a line.");
}

/// <summary>One ref that a client wants moved.</summary>
/// <param name="Old">Where the client believes it to be; null for nowhere.</param>
/// <param name="New">Where it is to go; null to delete it.</param>
/// <param name="Ref">Its full name, as the client wrote it.</param>
internal sealed record RefUpdate(string? Old, string? New, string Ref);
