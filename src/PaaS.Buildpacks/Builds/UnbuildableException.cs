namespace PaaS.Buildpacks;

/// <summary>An app can't be built as its files and settings are. The message is for its author.</summary>
/// <param name="message">What is wrong, where, and how to mend it; may have several lines.</param>
internal sealed class UnbuildableException(string message) : Exception(message);
