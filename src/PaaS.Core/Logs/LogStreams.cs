using System.Collections.Concurrent;

namespace PaaS.Core;

/// <summary>The log of every app, made when it is first asked for.</summary>
/// <param name="time">The clock that stamps the lines.</param>
/// <param name="capacity">How many lines each log keeps.</param>
public sealed class LogStreams(TimeProvider? time = null, int capacity = LogStream.DefaultCapacity)
{
    private readonly ConcurrentDictionary<AppId, LogStream> _streams = new();

    /// <summary>The log of an app.</summary>
    /// <param name="app">The app.</param>
    public LogStream this[AppId app] => _streams.GetOrAdd(app, _ => new LogStream(time, capacity));

    /// <summary>Ends an app's log and forgets it.</summary>
    /// <param name="app">The app.</param>
    public void Remove(AppId app)
    {
        if (_streams.TryRemove(app, out var stream))
        {
            stream.Complete();
        }
    }
}
