using System.Buffers;
using System.Collections.Immutable;
using System.Text;

namespace PaaS.Core;

/// <summary>
/// Keeps an app's secrets out of texts: each is replaced by <c>[FILTERED]</c>, however long it is. Found are the secrets themselves, their
/// single lines, base64 of them (standard and URL-safe, wherever they stand in what was encoded), and what percent signs, backslashes (JSON)
/// or colours make of either. Immutable, and safe for several threads.
/// </summary>
/// <remarks>
/// A config var is a secret if its name says so (<c>KEY</c>, <c>SECRET</c>, <c>TOKEN</c>, <c>PASSWORD</c>, <c>CREDENTIAL</c>, <c>PRIVATE</c>, <c>AUTH</c> and the
/// like), if it is a URL or a connection string with a password in it (then the password too), or if it has 16 bytes or more and looks
/// random. <see cref="BuildSettings.Secrets"/> and <see cref="BuildSettings.NotSecrets"/> add and take away. Never masked are values
/// of less than 6 bytes (4, if the settings name the variable), and words such as <c>production</c>.
/// </remarks>
public sealed class SecretMask
{
    /// <summary>What stands in a text where a secret stood.</summary>
    public const string Replacement = "[FILTERED]";

    /// <summary>A bit for each two bytes with which a secret or an escape can begin.</summary>
    private readonly ulong[] _starts = new ulong[1024];

    private readonly IReadOnlyList<byte[]> _patterns;

    private SecretMask(IReadOnlyList<byte[]> patterns, ImmutableArray<string> names)
    {
        _patterns = patterns;
        Automaton = new SecretAutomaton(patterns);
        Names = names;
        Escapes = Automaton.HasBlank
            ? [SecretEscape.Percent, SecretEscape.Form, SecretEscape.Backslash, SecretEscape.Colour]
            : [SecretEscape.Percent, SecretEscape.Backslash, SecretEscape.Colour];
        for (var pair = 0; pair <= ushort.MaxValue; pair++)
        {
            var (first, second) = ((byte)(pair >> 8), (byte)pair);
            if (IsLead(first) || Automaton.BeginsWith(first, second) || (IsLead(second) && Automaton.BeginsWith(first)))
            {
                _starts[pair >> 6] |= 1UL << (pair & 63);
            }
        }
    }

    /// <summary>Masks nothing.</summary>
    public static SecretMask None { get; } = new([], []);

    /// <summary>The names of the config vars that it masks, or that hold something it masks; sorted.</summary>
    public ImmutableArray<string> Names { get; }

    /// <summary>Whether it masks nothing.</summary>
    public bool IsEmpty => Automaton.IsEmpty;

    internal static ReadOnlySpan<byte> ReplacementBytes => "[FILTERED]"u8;

    internal SecretAutomaton Automaton { get; }

    internal ImmutableArray<SecretEscape> Escapes { get; }

    /// <summary>Makes the mask of an app.</summary>
    /// <param name="vars">Its config vars.</param>
    /// <param name="settings">What it says of them itself; <see langword="null"/> for nothing.</param>
    public static SecretMask Of(ConfigVars vars, BuildSettings? settings = null)
    {
        ArgumentNullException.ThrowIfNull(vars);
        settings ??= BuildSettings.Default;
        var patterns = new List<byte[]>();
        var names = ImmutableArray.CreateBuilder<string>();
        foreach (var (name, value) in vars)
        {
            var isListed = settings.Secrets.Contains(name);
            if (!isListed && settings.NotSecrets.Contains(name))
            {
                continue;
            }

            var before = patterns.Count;
            patterns.AddRange(ConfigSecrets.Of(name, value, isListed).Distinct().SelectMany(secret => SecretForms.Of(secret, isListed ? ConfigSecrets.MinListedBytes : ConfigSecrets.MinBytes)));
            if (patterns.Count > before)
            {
                names.Add(name);
            }
        }

        return patterns.Count == 0 ? None : new SecretMask(patterns, names.ToImmutable());
    }

    /// <summary>Makes a mask of what this one masks and what another does.</summary>
    /// <param name="other">The other.</param>
    public SecretMask And(SecretMask other)
    {
        ArgumentNullException.ThrowIfNull(other);
        return other.IsEmpty ? this : IsEmpty ? other : new SecretMask([.. _patterns, .. other._patterns], [.. Names.Union(other.Names, StringComparer.Ordinal).Order(StringComparer.Ordinal)]);
    }

    /// <summary>Masks a text.</summary>
    /// <param name="text">The text; may have several lines.</param>
    /// <returns>The same instance if it holds no secret.</returns>
    public string Apply(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (IsEmpty)
        {
            return text;
        }

        var output = new ArrayBufferWriter<byte>();
        return Run(Encoding.UTF8.GetBytes(text), output) ? Encoding.UTF8.GetString(output.WrittenSpan) : text;
    }

    /// <summary>Masks a text of any bytes.</summary>
    /// <param name="text">The text; may have several lines, and need not be valid UTF-8.</param>
    /// <returns>The same memory if it holds no secret.</returns>
    public ReadOnlyMemory<byte> Apply(ReadOnlyMemory<byte> text)
    {
        var output = new ArrayBufferWriter<byte>();
        return !IsEmpty && Run(text.Span, output) ? output.WrittenMemory : text;
    }

    /// <summary>How many config vars are masked; no names and no values.</summary>
    public override string ToString() => $"masks {Names.Length} config var{(Names.Length == 1 ? "" : "s")}";

    /// <summary>Whether an escape can begin with a byte.</summary>
    internal static bool IsLead(byte value) => value is (byte)'%' or (byte)'\\' or (byte)'+' or 0x1b;

    /// <summary>How many bytes there are before the first at which a secret or an escape can begin, as far as can be told: the last byte may always be one.</summary>
    internal int Plain(ReadOnlySpan<byte> text)
    {
        var starts = _starts;
        for (var i = 1; i < text.Length; i++)
        {
            var pair = (text[i - 1] << 8) | text[i];
            if ((starts[pair >> 6] >> (pair & 63) & 1) != 0)
            {
                return i - 1;
            }
        }

        return text.Length - 1;
    }

    private bool Run(ReadOnlySpan<byte> text, ArrayBufferWriter<byte> output)
    {
        var masker = new SecretMasker(this, output);
        masker.Write(text);
        masker.Flush();
        return masker.HasMasked;
    }
}
