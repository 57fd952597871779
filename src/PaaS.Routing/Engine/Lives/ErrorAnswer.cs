namespace PaaS.Routing;

/// <summary>An answer of the router's own.</summary>
/// <param name="Status">The status.</param>
/// <param name="ContentType">The type of the body.</param>
/// <param name="Body">The body; a HEAD request gets its length only.</param>
/// <param name="RetryAfter">Seconds for Retry-After, or null.</param>
internal readonly record struct ErrorAnswer(int Status, string ContentType, ReadOnlyMemory<byte> Body, int? RetryAfter = null);
