using System.Globalization;
using System.Text;

namespace PaaS.Core;

/// <summary>Who speaks in a log line: Heroku's two sources.</summary>
public enum LogSource
{
    /// <summary>The app: output of its dynos, and the API's record of what people did to it.</summary>
    App,

    /// <summary>The platform: router, dyno supervisor, log stream.</summary>
    Heroku,
}

/// <summary>One line of an app's log.</summary>
/// <param name="Number">Its place in the app's log: 1, 2, 3 and so on, given when the line was received.</param>
/// <param name="Time">When it was received.</param>
/// <param name="Source">Who speaks.</param>
/// <param name="Process">The process: <c>web.1</c>, <c>router</c>, <c>api</c>.</param>
/// <param name="Text">The line as bytes, without its line break; not always valid UTF-8.</param>
public readonly record struct LogLine(long Number, DateTimeOffset Time, LogSource Source, string Process, ReadOnlyMemory<byte> Text)
{
    /// <summary>The text as a string; bytes that are not UTF-8 become U+FFFD.</summary>
    public string Message => Encoding.UTF8.GetString(Text.Span);

    /// <summary>The line as Logplex prints it: <c>2026-11-20T15:00:00.123456+00:00 app[web.1]: hello</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Prefix()}{Message}");

    /// <summary>The part of the printed line before the text.</summary>
    public string Prefix() =>
        string.Create(CultureInfo.InvariantCulture, $"{Time.UtcDateTime:yyyy-MM-dd'T'HH:mm:ss.ffffff}+00:00 {(Source == LogSource.App ? "app" : "heroku")}[{Process}]: ");
}
