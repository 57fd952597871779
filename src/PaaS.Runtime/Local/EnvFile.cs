using System.Collections.Immutable;
using System.Text;

namespace PaaS.Runtime;

/// <summary>
/// A file of variables for <see cref="LocalRunner"/>, usually <c>.env</c>, read as <c>heroku local</c> reads it: JSON, flattened
/// with <c>_</c> and in capitals, or else lines <c>KEY=VALUE</c>. Nothing in it is expanded.
/// </summary>
/// <remarks>
/// Of lines: blanks around the line, the key and the value go; a line that starts with <c>#</c> or has two characters or fewer is
/// no variable. A value that starts with <c>"</c> or <c>'</c> ends at the next one of the same kind: no escapes, no line breaks,
/// what follows is dropped. Any other value ends before its first <c>#</c>. The last line of a key counts.
/// </remarks>
public sealed class EnvFile
{
    /// <summary>The largest file that is read: 1 MiB.</summary>
    public const int MaxBytes = 1 << 20;

    private EnvFile(bool isJson, ImmutableSortedDictionary<string, string> variables, ImmutableArray<string> ignored) =>
        (IsJson, Variables, Ignored) = (isJson, variables, ignored);

    /// <summary>Whether it was JSON.</summary>
    public bool IsJson { get; }

    /// <summary>The variables.</summary>
    public ImmutableSortedDictionary<string, string> Variables { get; }

    /// <summary>Keys that are left out because no shell can hold such a variable: <c>my-key</c>, <c>export A</c>, and values with a NUL character.</summary>
    public ImmutableArray<string> Ignored { get; }

    /// <summary>Reads the text of such a file.</summary>
    /// <param name="text">All of it.</param>
    /// <exception cref="FormatException">A quoted value has no second quote on its line, or the text is larger than <see cref="MaxBytes"/>.</exception>
    public static EnvFile Parse(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxBytes || Encoding.UTF8.GetByteCount(text) > MaxBytes)
        {
            throw TooLarge();
        }

        var json = JsonVariables.TryRead(text);
        var variables = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var ignored = ImmutableArray.CreateBuilder<string>();
        foreach (var (name, value) in json ?? EnvLines.Read(text))
        {
            if (EnvironmentBlock.IsName(name) && !value.Contains('\0', StringComparison.Ordinal))
            {
                variables[name] = value;
            }
            else if (!ignored.Contains(name))
            {
                ignored.Add(name);
            }
        }

        return new EnvFile(json is not null, variables.ToImmutable(), ignored.ToImmutable());
    }

    /// <summary>Reads a file.</summary>
    /// <param name="path">Its path.</param>
    /// <param name="cancellationToken">Stops reading.</param>
    /// <exception cref="FormatException">As <see cref="Parse"/>.</exception>
    /// <exception cref="IOException">It cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static async Task<EnvFile> ReadAsync(string path, CancellationToken cancellationToken = default)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        var file = File.OpenRead(path);
        await using (file.ConfigureAwait(false))
        {
            // One byte more than may be: a pipe or a device has no length to ask for.
            var bytes = new byte[MaxBytes + 1];
            var count = await file.ReadAtLeastAsync(bytes, bytes.Length, throwOnEndOfStream: false, cancellationToken).ConfigureAwait(false);
            return count <= MaxBytes ? Parse(Encoding.UTF8.GetString(bytes, 0, count)) : throw TooLarge();
        }
    }

    private static FormatException TooLarge() => new($"A file of variables has at most {MaxBytes:N0} bytes. Put large values into files of their own.");
}
