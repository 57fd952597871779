namespace PaaS.Buildpacks;

/// <summary>Says that a build goes on when it has said nothing for a while, so that whoever waits, and what lies between, does not give up.</summary>
internal sealed class SilenceWatch : IDisposable
{
    private readonly Lock _gate = new();
    private readonly TimeSpan _interval;
    private readonly TimeProvider _time;
    private readonly Action<TimeSpan> _say;
    private readonly ITimer _timer;
    private long _lastLine;
    private long _said;
    private bool _isEnded;

    /// <summary>Begins to watch.</summary>
    /// <param name="interval">After how much silence, and then how often, something is said.</param>
    /// <param name="time">The clock.</param>
    /// <param name="say">Says it; gets how long nothing else was said.</param>
    public SilenceWatch(TimeSpan interval, TimeProvider time, Action<TimeSpan> say)
    {
        (_interval, _time, _say) = (interval, time, say);
        _lastLine = time.GetTimestamp();
        _timer = time.CreateTimer(static self => ((SilenceWatch)self!).Look(), this, interval, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Something was said.</summary>
    public void Heard()
    {
        lock (_gate)
        {
            (_lastLine, _said) = (_time.GetTimestamp(), 0);
        }
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _isEnded = true;
        }

        _timer.Dispose();
    }

    private void Look()
    {
        TimeSpan? silent = null;
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            var passed = _time.GetElapsedTime(_lastLine);
            var due = (long)(passed / _interval);
            if (due > _said)
            {
                (_said, silent) = (due, _interval * due);
            }

            _timer.Change((_interval * (due + 1)) - passed, Timeout.InfiniteTimeSpan);
        }

        if (silent is { } without)
        {
            _say(without);
        }
    }
}
