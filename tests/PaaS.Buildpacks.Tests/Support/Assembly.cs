using System.Runtime.Versioning;

// Modes, owners, links and processes are tested with the real ones.
[assembly: SupportedOSPlatform("linux")]
