namespace PaaS.ReferenceHost;

/// <summary>Options that cannot be right together.</summary>
internal sealed class UsageException(string message) : Exception(message);
