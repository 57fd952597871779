namespace PaaS.Routing;

/// <summary>Why a request was refused before any lookup. The connection is closed after the answer, so that no later byte of it is ever interpreted.</summary>
/// <param name="Status">The status of the answer.</param>
/// <param name="Reason">What is wrong, in words for whoever sent it.</param>
internal sealed record RequestRefusal(int Status, string Reason);
