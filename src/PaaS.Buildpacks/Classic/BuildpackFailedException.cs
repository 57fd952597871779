namespace PaaS.Buildpacks;

/// <summary>A buildpack failed where it can't say so by a result. The message is for the app's author.</summary>
/// <param name="message">What, why, and how to mend it.</param>
internal sealed class BuildpackFailedException(string message) : Exception(message);
