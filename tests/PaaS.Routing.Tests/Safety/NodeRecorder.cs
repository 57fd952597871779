using System.Collections.Concurrent;
using System.ComponentModel;
using System.Diagnostics;
using System.Globalization;
using System.Net;
using System.Text;
using System.Text.Json;

namespace PaaS.Routing.Tests;

/// <summary>Node's HTTP server as a back end: one process, which tells in JSON lines what it saw.</summary>
internal sealed class NodeRecorder : IRecorder
{
    private readonly Process _node;
    private readonly ConcurrentQueue<StrictRequest> _requests = [];
    private readonly ConcurrentQueue<string> _faults = [];
    private readonly ConcurrentDictionary<string, TaskCompletionSource<int>> _syncs = new();
    private readonly TaskCompletionSource<int> _port = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly Task _reading;
    private DynoEndpoint? _endpoint;
    private int _sync;

    private NodeRecorder(Process node)
    {
        _node = node;
        _reading = Task.Run(ReadAsync);
    }

    public DynoEndpoint Endpoint => _endpoint!;

    public static async Task<NodeRecorder> StartAsync()
    {
        var start = new ProcessStartInfo("node", [Path.Combine(AppContext.BaseDirectory, "Safety", "NodeRecorder.js")]) { RedirectStandardInput = true, RedirectStandardOutput = true };
        try
        {
            var recorder = new NodeRecorder(Process.Start(start)!);
            recorder._endpoint = new DynoEndpoint(DynoName.Parse("web.1"), new IPEndPoint(IPAddress.Loopback, await recorder._port.Task.WaitAsync(Limit.Unexpected)));
            return recorder;
        }
        catch (Win32Exception e)
        {
            throw new InvalidOperationException("Node.js is a part of this test and can't be started. Install it: apt-get install nodejs.", e);
        }
    }

    public async Task<Recorded> TakeAsync()
    {
        // Two times in a row, for what the first question overtook on another connection.
        for (var quiet = 0; quiet < 2;)
        {
            var name = (++_sync).ToString(CultureInfo.InvariantCulture);
            var answer = _syncs[name] = new TaskCompletionSource<int>(TaskCreationOptions.RunContinuationsAsynchronously);
            await _node.StandardInput.WriteAsync(name + "\n");
            await _node.StandardInput.FlushAsync();
            quiet = await answer.Task.WaitAsync(Limit.Unexpected) == 0 ? quiet + 1 : 0;
            Assert.True(_sync < 1_000_000, "Requests stay open at node.");
        }

        var recorded = new Recorded([.. _requests], [.. _faults]);
        _requests.Clear();
        _faults.Clear();
        return recorded;
    }

    public async ValueTask DisposeAsync()
    {
        _node.StandardInput.Close();
        await _node.WaitForExitAsync(Limit.Token);
        await _reading;
        _node.Dispose();
    }

    private async Task ReadAsync()
    {
        while (await _node.StandardOutput.ReadLineAsync() is { } line)
        {
            using var json = JsonDocument.Parse(line);
            var told = json.RootElement;
            if (told.TryGetProperty("port", out var port))
            {
                _port.SetResult(port.GetInt32());
            }
            else if (told.TryGetProperty("sync", out var sync))
            {
                _syncs[sync.GetString()!].SetResult(told.GetProperty("open").GetInt32());
            }
            else if (told.TryGetProperty("fault", out var fault))
            {
                Fault(fault.GetString()!, told.TryGetProperty("bytes", out var bytes) ? bytes.GetBytesFromBase64() : []);
            }
            else
            {
                _requests.Enqueue(RequestOf(told));
            }
        }
    }

    /// <summary>Node knows only the methods that are registered, and takes neither control characters in values nor bytes beyond ASCII in targets: its right. A cut request is no fault.</summary>
    private void Fault(string code, byte[] bytes)
    {
        var text = Encoding.Latin1.GetString(bytes);
        var isItsRight = code switch
        {
            "HPE_INVALID_METHOD" or "HPE_INVALID_EOF_STATE" => true,
            "HPE_INVALID_VERSION" => text.StartsWith("PRI ", StringComparison.Ordinal),
            "HPE_INVALID_HEADER_TOKEN" => text.Split("\r\n\r\n")[0].Any(c => c is < ' ' and not ('\t' or '\r' or '\n') or '\x7f'),
            "HPE_INVALID_URL" => text.Split("\r\n")[0].Any(c => c > '~'),
            _ => false,
        };
        if (!isItsRight)
        {
            _faults.Enqueue($"node says {code} to: {Escaped.Bytes(bytes)}");
        }
    }

    private static StrictRequest RequestOf(JsonElement told)
    {
        var headers = Texts(told.GetProperty("headers"));
        var request = new StrictRequest(
            told.GetProperty("method").GetString()!,
            Latin1(told.GetProperty("target")),
            "HTTP/" + told.GetProperty("version").GetString(),
            [.. headers.Chunk(2).Select(pair => new KeyValuePair<string, string>(pair[0], pair[1]))])
        {
            Body = told.GetProperty("body").GetBytesFromBase64(),
            IsWhole = told.GetProperty("whole").GetBoolean(),
        };
        request.HasBothFramings = request.All("Transfer-Encoding").Count > 0 && request.All("Content-Length").Count > 0;
        return request;
    }

    private static List<string> Texts(JsonElement list) => [.. list.EnumerateArray().Select(Latin1)];

    private static string Latin1(JsonElement text) => Encoding.Latin1.GetString(text.GetBytesFromBase64());
}
