using System.Buffers;
using System.Globalization;
using System.Text;

namespace PaaS.Runtime;

/// <summary>A process's environment in the form that <see cref="StartScript"/> reads.</summary>
internal static class EnvironmentBlock
{
    /// <summary>The variable that marks every process of a tree, unless the process clears its environment.</summary>
    public const string Marker = "PAAS_PROCESS";

    /// <summary>Linux takes no single NAME=VALUE of 128 KiB or more.</summary>
    public const int MaxVariableBytes = (128 * 1024) - 1;

    /// <summary>Linux shares a quarter of the stack limit, usually 2 MiB, between arguments and environment; half of it is left to the arguments and to what the process adds.</summary>
    public const int MaxBytes = 1024 * 1024;

    private static readonly SearchValues<char> NameCharacters = SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_");

    /// <summary>Writes the environment of a spec, with the marker added.</summary>
    /// <exception cref="ProcessStartException">A name or value that no process could be given. The message never holds a value.</exception>
    public static byte[] Write(ProcessSpec spec, Guid marker)
    {
        var block = new MemoryStream();
        foreach (var (name, value) in spec.Environment.SetItem(Marker, marker.ToString("N")))
        {
            Check(spec, name, value);
            var text = Encoding.UTF8.GetBytes(value);
            if (name.Length + text.Length + 1 > MaxVariableBytes)
            {
                throw new ProcessStartException($"{spec.Label} can't be started: its environment variable {name} has {text.Length} bytes; the system takes at most {MaxVariableBytes}, name included. Put large data into a file or a store.");
            }

            block.Write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{name}\n{text.AsSpan().Count((byte)'\n')}\n")));
            block.Write(text);
            block.WriteByte((byte)'\n');
        }

        if (block.Length > MaxBytes)
        {
            throw new ProcessStartException($"{spec.Label} can't be started: its environment has {block.Length} bytes, and {MaxBytes} is the most. Unset variables it doesn't need.");
        }

        block.WriteByte((byte)'\n');
        return block.ToArray();
    }

    /// <summary>Whether a process can be given a variable of this name.</summary>
    public static bool IsName(string name) =>
        name.Length > 0 && !char.IsAsciiDigit(name[0]) && !name.AsSpan().ContainsAnyExcept(NameCharacters) && !name.StartsWith(StartScript.ReservedPrefix, StringComparison.Ordinal);

    private static void Check(ProcessSpec spec, string name, string value)
    {
        if (!IsName(name))
        {
            var shown = new string([.. name.Take(60).Select(static c => c is > ' ' and < (char)127 ? c : '?')]);
            throw new ProcessStartException($"{spec.Label} can't be started: '{shown}' can't be the name of an environment variable. Use letters, digits and _, not a digit first, and not {StartScript.ReservedPrefix} in front.");
        }

        if (value.Contains('\0', StringComparison.Ordinal))
        {
            throw new ProcessStartException($"{spec.Label} can't be started: the value of its environment variable {name} holds a NUL character, which no process can be given. Remove or encode it.");
        }
    }
}
