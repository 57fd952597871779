namespace PaaS.Runtime;

/// <summary>One dyno of the formation as it is at one moment: an immutable snapshot.</summary>
/// <param name="Id">Identifies the newest start of this dyno; every restart gives a new one.</param>
/// <param name="Name">Its name, <c>web.1</c>.</param>
/// <param name="State">Where it is in its life.</param>
/// <param name="Command">What it runs, as the Procfile has it.</param>
/// <param name="Size">Its size.</param>
/// <param name="Release">The release it runs.</param>
/// <param name="Since">When it got into this state.</param>
public sealed record Dyno(Guid Id, DynoName Name, DynoState State, string Command, DynoSize Size, ReleaseVersion Release, DateTimeOffset Since);
