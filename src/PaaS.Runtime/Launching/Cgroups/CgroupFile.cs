using System.Globalization;

namespace PaaS.Runtime;

/// <summary>Reads and writes the files by which the kernel shows a group.</summary>
internal static class CgroupFile
{
    /// <summary>The file's text; <see langword="null"/> if the group has gone or has no such file.</summary>
    public static string? Read(string group, string file)
    {
        try
        {
            return File.ReadAllText(Path.Combine(group, file));
        }
        catch (Exception e) when (e is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (IOException) when (!Directory.Exists(group))
        {
            // ENODEV: the group has gone. Any other failure, such as no free descriptor, says nothing of it.
            return null;
        }
    }

    /// <summary>A file that is one number; <see langword="null"/> also for the word <c>max</c>.</summary>
    public static long? Number(string group, string file) =>
        long.TryParse(Read(group, file)?.Trim(), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : null;

    /// <summary>A number from a file of lines <c>key number</c>.</summary>
    public static long? Number(string group, string file, string key) => Read(group, file) is { } text ? Find(text, key) : null;

    /// <summary>A number from the text of such a file.</summary>
    public static long? Find(string text, string key)
    {
        foreach (var line in text.AsSpan().EnumerateLines())
        {
            if (line.Length > key.Length && line[key.Length] == ' ' && line.StartsWith(key, StringComparison.Ordinal)
                && long.TryParse(line[(key.Length + 1)..], NumberStyles.None, CultureInfo.InvariantCulture, out var number))
            {
                return number;
            }
        }

        return null;
    }

    public static bool Exists(string group, string file) => File.Exists(Path.Combine(group, file));

    public static void Write(string group, string file, string value) => File.WriteAllText(Path.Combine(group, file), value);

    public static void Write(string group, string file, long value) => Write(group, file, value.ToString(CultureInfo.InvariantCulture));

    /// <summary>Writes what the kernel may refuse.</summary>
    public static bool TryWrite(string group, string file, string value)
    {
        try
        {
            Write(group, file, value);
            return true;
        }
        catch (Exception e) when (e is IOException or UnauthorizedAccessException)
        {
            return false;
        }
    }
}
