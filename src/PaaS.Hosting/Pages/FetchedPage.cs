using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// One page of an app, fetched ahead of time from the URL in a config var: when the config var changes, and every few minutes. A page
/// that cannot be fetched leaves the last good copy in place. A router never waits for any of this.
/// </summary>
internal sealed partial class FetchedPage : IAsyncDisposable
{
    private static readonly TimeSpan RefreshInterval = TimeSpan.FromMinutes(5);
    private static readonly TimeSpan FirstRetry = TimeSpan.FromSeconds(30);

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _ending = new();
    private readonly string _variable;
    private readonly PageFetch _fetch;
    private readonly PageFile? _file;
    private readonly LogStream _logs;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private TaskCompletionSource _changed = NewSignal();
    private string? _url;
    private RoutePage? _page;
    private string? _told;
    private Task _loop = Task.CompletedTask;

    public FetchedPage(string variable, PageFetch fetch, PageFile? file, LogStream logs, TimeProvider time, ILogger logger) =>
        (_variable, _fetch, _file, _logs, _time, _logger) = (variable, fetch, file, logs, time, logger);

    /// <summary>The last good copy; null if there is none.</summary>
    public RoutePage? Page => Volatile.Read(ref _page);

    /// <summary>Takes the config var's value. A page that is no longer wanted is gone at once; another one comes when it is there.</summary>
    public void Follow(string? url)
    {
        lock (_gate)
        {
            if (url == _url)
            {
                return;
            }

            if (url is null || _url is null)
            {
                Volatile.Write(ref _page, url is null ? null : _file?.Read(url));
            }

            _url = url;
            _changed.TrySetResult();
        }
    }

    /// <summary>Begins to fetch.</summary>
    /// <param name="changed">Called when <see cref="Page"/> has changed.</param>
    public void Start(Action changed) => _loop = Task.Run(() => RunAsync(changed));

    public async ValueTask DisposeAsync()
    {
        if (!_ending.IsCancellationRequested)
        {
            await _ending.CancelAsync();
        }

        await _loop;
        _ending.Dispose();
    }

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task RunAsync(Action changed)
    {
        var retry = FirstRetry;
        try
        {
            while (true)
            {
                var (url, change) = Take();
                var pause = Timeout.InfiniteTimeSpan;
                if (url is null)
                {
                    _told = null;
                    Keep(static file => file.Delete());
                }
                else if (await TryFetchAsync(url, changed))
                {
                    (retry, pause) = (FirstRetry, RefreshInterval);
                }
                else
                {
                    (pause, retry) = (retry, retry * 2 < RefreshInterval ? retry * 2 : RefreshInterval);
                }

                if (await WaitAsync(change, pause))
                {
                    retry = FirstRetry;
                }
            }
        }
        catch (OperationCanceledException) when (_ending.IsCancellationRequested)
        {
            // The app or the host ends.
        }
    }

    private (string? Url, Task Change) Take()
    {
        lock (_gate)
        {
            _changed = NewSignal();
            return (_url, _changed.Task);
        }
    }

    /// <returns>Whether the config var has changed.</returns>
    private async Task<bool> WaitAsync(Task change, TimeSpan pause)
    {
        try
        {
            await change.WaitAsync(pause, _time, _ending.Token);
            return true;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    private async Task<bool> TryFetchAsync(string url, Action changed)
    {
        RoutePage page;
        try
        {
            page = await _fetch(url, _ending.Token);
        }
        catch (OutboundException exception)
        {
            Tell($"{_variable}: {exception.Message} {(Page is null ? "The router's own page is shown" : "The last good copy is shown")} until the page can be fetched.");
            return false;
        }

        lock (_gate)
        {
            if (url != _url)
            {
                return true;
            }

            if (_page is { } old && old.ContentType == page.ContentType && old.Body.Span.SequenceEqual(page.Body.Span))
            {
                page = old;
            }

            var isNew = page != _page;
            Volatile.Write(ref _page, page);
            if (!isNew && _told is null)
            {
                return true;
            }
        }

        Keep(file => file.Write(url, page));
        _told = null;
        _logs.Write(LogSource.Heroku, "api", $"{_variable}: fetched a page of {page.Body.Length} bytes, {page.ContentType}");
        changed();
        return true;
    }

    /// <summary>The same trouble is told once, not every few minutes.</summary>
    private void Tell(string text)
    {
        if (text != _told)
        {
            _logs.Write(LogSource.Heroku, "api", text);
            _told = text;
        }
    }

    private void Keep(Action<PageFile> act)
    {
        try
        {
            if (_file is { } file)
            {
                act(file);
            }
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            // Only a restart while the page's host is down would need the copy.
            Log.NotKept(_logger, _variable, exception);
        }
    }

    private static partial class Log
    {
        [LoggerMessage(153, LogLevel.Warning, "The copy of an app's {Variable} could not be kept on disk; it is served from memory")]
        public static partial void NotKept(ILogger logger, string variable, Exception exception);
    }
}
