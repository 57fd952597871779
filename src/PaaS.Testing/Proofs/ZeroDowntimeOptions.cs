using System.Net;

namespace PaaS.Testing;

/// <summary>What <see cref="ZeroDowntimeProof"/> asks, and how much of it.</summary>
public sealed record ZeroDowntimeOptions
{
    /// <summary>Where the router listens.</summary>
    public required EndPoint Router { get; init; }

    /// <summary>The host name that leads to the app, sent with every request.</summary>
    public required string Host { get; init; }

    /// <summary>What is asked by GET; it has to answer with 200 to 399. Default: <c>/</c>.</summary>
    public string Path { get; init; } = "/";

    /// <summary>A text that every answer to GET holds; <see langword="null"/> for any content.</summary>
    public string? Expect { get; init; }

    /// <summary>What is asked by POST. An answer that holds the body's SHA-256 in hexadecimal is checked against it. Default: <see cref="Path"/>.</summary>
    public string? UploadPath { get; init; }

    /// <summary>What takes its time to answer; asked only if given.</summary>
    public string? SlowPath { get; init; }

    /// <summary>A WebSocket that sends back what it gets. Default: <see cref="Path"/>.</summary>
    public string? WebSocketPath { get; init; }

    /// <summary>How many clients of each kind there are: GET, upload, slow, WebSocket. 1 to 100, default 2.</summary>
    public int Concurrency { get; init; } = 2;

    /// <summary>How long a client waits between two requests. Default: 10 ms, so that the load leaves the machine room for the changes.</summary>
    public TimeSpan Pause { get; init; } = TimeSpan.FromMilliseconds(10);

    /// <summary>How long a request may take, or the answer to a WebSocket message. Default: 60 s, twice what the router gives an app.</summary>
    public TimeSpan Timeout { get; init; } = TimeSpan.FromSeconds(60);

    /// <summary>How long a WebSocket session lasts before its client closes it. Default: 2 s.</summary>
    public TimeSpan WebSocketSession { get; init; } = TimeSpan.FromSeconds(2);

    /// <summary>How long a dyno that is replaced keeps the sessions it has, as the host is set up; a WebSocket session that is younger and ends unasked has failed. Default: 30 s, as <see cref="PaaS.Runtime.SupervisorOptions.DrainTimeout"/>; zero if apps close their sessions as they like.</summary>
    public TimeSpan DrainTimeout { get; init; } = TimeSpan.FromSeconds(30);

    /// <summary>The clock. Default: the system's.</summary>
    public TimeProvider Time { get; init; } = TimeProvider.System;
}
