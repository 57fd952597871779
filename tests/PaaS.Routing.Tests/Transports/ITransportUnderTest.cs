using System.Net.Sockets;
using PaaS.Testing;

namespace PaaS.Routing.Tests;

/// <summary>A transport with machines of the test's own on its connections, and a clock that the test moves.</summary>
internal interface ITransportUnderTest : IAsyncDisposable
{
    ManualTimeProvider Time { get; }

    OperatorLog Log { get; }

    /// <summary>A client, and the machine that has it.</summary>
    Task<(Socket Client, ScriptedHandler Handler)> ConnectAsync(Action<Socket>? prepare = null);

    /// <summary>Whether nothing is left of a client's connection at this end.</summary>
    bool IsGone(ScriptedHandler handler);
}
