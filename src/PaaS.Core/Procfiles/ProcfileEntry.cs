namespace PaaS.Core;

/// <summary>One line of a Procfile that declares a process type.</summary>
/// <param name="Type">The process type.</param>
/// <param name="Command">What every dyno of the type runs, for the shell; one line, nothing expanded.</param>
/// <param name="Line">The line it stands on, from 1.</param>
public sealed record ProcfileEntry(ProcessType Type, string Command, int Line);
