using System.Net;

namespace PaaS.Buildpacks;

/// <summary>
/// Reaches the URLs that apps choose, and none that apps may not reach: every address that a host's name has is checked, and only a
/// checked one is connected to. <c>PaaS.Hosting</c> has one; it takes the public internet and what its operator lists.
/// </summary>
public interface IOutboundGuard
{
    /// <summary>Fetches what a URL leads to, redirects followed and checked.</summary>
    /// <param name="url">An absolute URL.</param>
    /// <param name="maxBytes">How many bytes it may have.</param>
    /// <param name="timeout">How long all of it may take, reading to its end included.</param>
    /// <param name="cancellationToken">Gives up, also while the body is read.</param>
    /// <returns>The body. Reading past a limit throws an <see cref="IOException"/>; disposing it closes the connection.</returns>
    /// <exception cref="OutboundUrlException">It is not fetched; the message may be shown to the app's author.</exception>
    ValueTask<Stream> OpenAsync(Uri url, long maxBytes, TimeSpan timeout, CancellationToken cancellationToken);

    /// <summary>
    /// Follows a URL's redirects to where it answers with success, so that a program that checks no address can be told where to connect.
    /// The body is not read.
    /// </summary>
    /// <param name="url">An absolute URL.</param>
    /// <param name="timeout">How long it may take.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <exception cref="OutboundUrlException">It can't be reached; the message may be shown to the app's author.</exception>
    ValueTask<PinnedUrl> ResolveAsync(Uri url, TimeSpan timeout, CancellationToken cancellationToken);
}

/// <summary>A URL and the checked address that its host's name had.</summary>
/// <param name="Url">The URL that answered, after all redirects.</param>
/// <param name="Address">Where it was connected to. Connect nowhere else: the name may lead to another place the next time.</param>
public sealed record PinnedUrl(Uri Url, IPAddress Address);

/// <summary>A URL is not fetched. The message may be shown to the app's author.</summary>
public class OutboundUrlException : IOException
{
    /// <summary>Makes the exception.</summary>
    /// <param name="message">What, why, and how to mend it.</param>
    /// <param name="isFinal">Whether another try would end the same way.</param>
    /// <param name="innerException">The cause.</param>
    public OutboundUrlException(string message, bool isFinal, Exception? innerException = null) : base(message, innerException) => IsFinal = isFinal;

    /// <summary>Whether another try would end the same way: the place is not allowed, the answer too large, or the file not there.</summary>
    public bool IsFinal { get; }
}
