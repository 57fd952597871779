namespace PaaS.Hosting;

/// <summary>The source of a build is not what it was said to be, or is gone. The message is for whoever wanted the build.</summary>
internal sealed class SourceException(string message) : IOException(message);
