using System.Threading.Channels;

namespace PaaS.Routing.Tests;

/// <summary>What a test does with bytes.</summary>
/// <returns>How many it took.</returns>
internal delegate int Taking(ScriptedHandler handler, ReadOnlySpan<byte> bytes);

/// <summary>A machine behind a link that does what a test says, and notes what it is told.</summary>
internal sealed class ScriptedHandler(Lane lane, Link link, ClientInfo? client = null) : IClientLinkHandler, IDynoLinkHandler
{
    private readonly Channel<string> _events = Channel.CreateUnbounded<string>();

    public Lane Lane { get; } = lane;

    public Link Link { get; } = link;

    public ClientInfo? Client { get; } = client;

    /// <summary>All that was taken, by the loop's thread.</summary>
    public MemoryStream Received { get; } = new();

    public Taking Take { get; set; } = (handler, bytes) =>
    {
        handler.Received.Write(bytes);
        return bytes.Length;
    };

    public Action<ScriptedHandler> Sent { get; set; } = _ => { };

    public Action<ScriptedHandler> Ended { get; set; } = _ => { };

    public Action<ScriptedHandler> Connected { get; set; } = _ => { };

    public Action<ScriptedHandler> CuttingOff { get; set; } = _ => { };

    /// <summary>The next thing that it was told, except bytes.</summary>
    public async Task<string> NextAsync() => await _events.Reader.ReadAsync(Limit.Token);

    public bool HasMore => _events.Reader.TryPeek(out _);

    /// <summary>Does something on the loop, and waits for it.</summary>
    public Task OnLoopAsync(Action<ScriptedHandler> action) => LoopUnderTest.OnAsync(Lane, () => action(this));

    public void Note(string what) => _events.Writer.TryWrite(what);

    public int OnBytes(ReadOnlySpan<byte> bytes) => Take(this, bytes);

    public void OnEnd()
    {
        Note("end");
        Ended(this);
    }

    public void OnEndAhead() => Note("end ahead");

    public void OnBroken() => Note("broken");

    public void OnSent()
    {
        Note("sent");
        Sent(this);
    }

    public void OnConnected()
    {
        Note("connected");
        Connected(this);
    }

    public void OnConnectFailed(ConnectFailure failure) => Note(failure == ConnectFailure.TimedOut ? "timed out" : failure == ConnectFailure.Lack ? "lack" : "refused");

    public void Stop() => Note("stop");

    public void CutOff()
    {
        Note("cut off");
        CuttingOff(this);
    }
}
