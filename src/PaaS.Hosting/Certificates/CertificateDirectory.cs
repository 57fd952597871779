using System.Collections.Immutable;
using Microsoft.Extensions.Logging;

namespace PaaS.Hosting;

/// <summary>
/// Keeps the certificates of a directory in use: reads it when the host starts, and again every few seconds, because what renews
/// certificates writes files, moves links and tells nobody. A file that cannot be read leaves the certificate that its name had.
/// </summary>
internal sealed partial class CertificateDirectory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly string _path;
    private readonly Action<IReadOnlyCollection<HostCertificate>> _publish;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly ITimer _timer;
    private ImmutableDictionary<string, HostCertificate> _certificates = ImmutableDictionary<string, HostCertificate>.Empty;
    private string? _digest;
    private bool _disposed;

    private CertificateDirectory(string path, Action<IReadOnlyCollection<HostCertificate>> publish, TimeProvider time, ILogger logger)
    {
        (_path, _publish, _time, _logger) = (path, publish, time, logger);
        _timer = time.CreateTimer(static state => ((CertificateDirectory)state!).Look(), this, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Reads the directory, and goes on looking at it.</summary>
    /// <param name="path">The directory.</param>
    /// <param name="publish">Takes all certificates that are to be used, at first and after each change.</param>
    /// <param name="time">The clock.</param>
    /// <param name="logger">Is told what is wrong with a file.</param>
    /// <exception cref="IOException">The directory is not there, or cannot be read.</exception>
    /// <exception cref="UnauthorizedAccessException">It may not be read.</exception>
    public static CertificateDirectory Open(string path, Action<IReadOnlyCollection<HostCertificate>> publish, TimeProvider time, ILogger logger)
    {
        var directory = new CertificateDirectory(path, publish, time, logger);
        try
        {
            directory.Read();
            if (directory._certificates.IsEmpty)
            {
                Log.Empty(logger, path);
            }
        }
        catch
        {
            directory.Dispose();
            throw;
        }

        directory._timer.Change(Interval, Timeout.InfiniteTimeSpan);
        return directory;
    }

    public void Dispose()
    {
        lock (_gate)
        {
            _disposed = true;
        }

        _timer.Dispose();
    }

    private void Look()
    {
        lock (_gate)
        {
            if (_disposed)
            {
                return;
            }

            try
            {
                Read();
            }
            catch (Exception exception) when (exception is not OutOfMemoryException)
            {
                // On a timer's thread it would end the process. The certificates in use go on.
                Log.NotRead(_logger, _path, exception);
            }

            _timer.Change(Interval, Timeout.InfiniteTimeSpan);
        }
    }

    private void Read()
    {
        var files = CertificateFiles.Read(_path, _time.GetUtcNow());
        if (files.Digest == _digest)
        {
            return;
        }

        foreach (var problem in files.Problems)
        {
            Log.Problem(_logger, problem);
        }

        var kept = _certificates.Where(pair => files.Failed.Contains(pair.Key));
        _certificates = files.Certificates.ToImmutableDictionary(static certificate => certificate.Name).AddRange(kept);
        _publish([.. _certificates.Values]);
        if (_digest is not null)
        {
            Log.Changed(_logger, _path, _certificates.Count);
        }

        _digest = files.Digest;
    }

    private static partial class Log
    {
        [LoggerMessage(154, LogLevel.Warning, "{Problem}")]
        public static partial void Problem(ILogger logger, string problem);

        [LoggerMessage(155, LogLevel.Error, "The certificates in {Directory} could not be read again; those in use go on")]
        public static partial void NotRead(ILogger logger, string directory, Exception exception);

        [LoggerMessage(156, LogLevel.Information, "The certificates in {Directory} have changed; {Count} are in use now")]
        public static partial void Changed(ILogger logger, string directory, int count);

        [LoggerMessage(157, LogLevel.Warning, "{Directory} holds no certificate that can be used: HTTPS is refused until it does")]
        public static partial void Empty(ILogger logger, string directory);
    }
}
