using System.Net;
using System.Runtime.ExceptionServices;
using Microsoft.Win32.SafeHandles;

namespace PaaS.Runtime;

/// <summary>
/// A process's own network: a loopback, and one end of a pair of interfaces whose other end is the host's. It has no name
/// in the file system: it ends with the processes in it and this object, and the pair with it.
/// </summary>
internal sealed class OwnNetwork : IDisposable
{
    private readonly SafeFileHandle _namespace;
    private readonly Action _remove;
    private readonly Lock _gate = new();
    private bool _disposed;

    /// <summary>Takes over a network.</summary>
    /// <param name="ns">The descriptor that holds it.</param>
    /// <param name="name">The host's end of the pair.</param>
    /// <param name="address">The address inside.</param>
    /// <param name="remove">Removes the pair and gives the address back.</param>
    public OwnNetwork(SafeFileHandle ns, string name, IPAddress address, Action remove)
    {
        _namespace = ns;
        _remove = remove;
        Name = name;
        Address = address;
    }

    /// <summary>The descriptor to enter it by, with setns(2); valid until this object is disposed.</summary>
    public int NamespaceDescriptor => (int)_namespace.DangerousGetHandle();

    /// <summary>The address under which the host, and nobody else, reaches what listens inside.</summary>
    public IPAddress Address { get; }

    /// <summary>The name of the host's end of the pair.</summary>
    public string Name { get; }

    /// <summary>
    /// Does something inside, such as making a socket, which then stays there, on a thread that is given up afterwards. It must start no
    /// thread and wake none of the thread pool: a thread is born into the network of the one that starts it.
    /// </summary>
    /// <exception cref="IOException">The network can't be entered.</exception>
    public T Inside<T>(Func<T> work)
    {
        var result = default(T);
        ExceptionDispatchInfo? failure = null;
        var thread = new Thread(() =>
        {
            try
            {
                NetworkRefusedException.ThrowIf(NetworkCalls.EnterNamespace(NamespaceDescriptor, NetworkCalls.NewNetwork) != 0, "entering a network namespace (setns)");
                result = work();
            }
#pragma warning disable CA1031 // It is thrown again, to the caller.
            catch (Exception e)
#pragma warning restore CA1031
            {
                failure = ExceptionDispatchInfo.Capture(e);
            }
        })
        { IsBackground = true, Name = "PaaS network" };
        thread.Start();
        thread.Join();
        failure?.Throw();
        return result!;
    }

    /// <summary>Removes the pair at once. What still runs inside has no network any more but its loopback.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (!_disposed)
            {
                // One that failed is tried again with the next call.
                _remove();
                _namespace.Dispose();
                _disposed = true;
            }
        }
    }
}
