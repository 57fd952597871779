namespace PaaS.Runtime;

/// <summary>A thread could not return to the host's namespaces. Nothing may be started on it any more.</summary>
internal sealed class NamespacesLostException(Exception inner) : IOException("A process's namespaces could not be left again after its start.", inner);
