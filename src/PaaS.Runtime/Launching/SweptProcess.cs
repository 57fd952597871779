namespace PaaS.Runtime;

/// <summary>A process tree that an earlier host left behind and that <see cref="PlainLauncher.SweepAsync"/> has dealt with.</summary>
/// <param name="Label">The label it was started with, such as <c>myapp/web.1</c>.</param>
/// <param name="Id">The id its first process had.</param>
/// <param name="Killed">How many of its processes were still alive and were killed.</param>
public sealed record SweptProcess(string Label, int Id, int Killed);
