using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>An app's own pages for errors and maintenance, as its config vars name them (Heroku: Error Pages).</summary>
internal sealed class AppPages : IAsyncDisposable
{
    /// <summary>Names the page for errors of the router.</summary>
    public const string ErrorVariable = "ERROR_PAGE_URL";

    /// <summary>Names the page for maintenance.</summary>
    public const string MaintenanceVariable = "MAINTENANCE_PAGE_URL";

    private readonly FetchedPage? _error;
    private readonly FetchedPage? _maintenance;
    private readonly string? _directory;

    /// <param name="fetch">Fetches pages; null where none are.</param>
    /// <param name="directory">Where the app's copies are kept; null for nowhere.</param>
    /// <param name="logs">The app's log.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">For the operator.</param>
    public AppPages(PageFetch? fetch, string? directory, LogStream logs, TimeProvider time, ILogger logger)
    {
        _directory = directory;
        if (fetch is not null)
        {
            _error = Make(ErrorVariable, "error");
            _maintenance = Make(MaintenanceVariable, "maintenance");
        }

        FetchedPage Make(string variable, string file) =>
            new(variable, fetch, directory is null ? null : new PageFile(Path.Combine(directory, file)), logs, time, logger);
    }

    /// <summary>Follows the config vars.</summary>
    public void Follow(ConfigVars vars)
    {
        _error?.Follow(UrlIn(vars, ErrorVariable));
        _maintenance?.Follow(UrlIn(vars, MaintenanceVariable));
    }

    /// <summary>Settings with the pages that are there now.</summary>
    public RouteSettings Apply(RouteSettings settings) => settings with { ErrorPage = _error?.Page, MaintenancePage = _maintenance?.Page };

    /// <summary>Begins to fetch.</summary>
    /// <param name="changed">Called when a page has changed.</param>
    public void Start(Action changed)
    {
        _error?.Start(changed);
        _maintenance?.Start(changed);
    }

    /// <summary>Removes the copies on disk. After the end.</summary>
    public void Delete()
    {
        if (_directory is not null && Directory.Exists(_directory))
        {
            Directory.Delete(_directory, recursive: true);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await (_error?.DisposeAsync() ?? ValueTask.CompletedTask);
        await (_maintenance?.DisposeAsync() ?? ValueTask.CompletedTask);
    }

    private static string? UrlIn(ConfigVars vars, string name) => vars.TryGetValue(name, out var url) && url.Length > 0 ? url : null;
}
