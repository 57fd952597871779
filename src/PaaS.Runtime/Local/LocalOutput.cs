using System.Buffers;
using System.Globalization;
using System.Text;

namespace PaaS.Runtime;

/// <summary>What the user of a local run sees: <c>10:15:01 PM web.1   |  line</c>.</summary>
internal sealed class LocalOutput : IDisposable
{
    private const int ReadBytes = 64 * 1024;
    private const int TimeWidth = 12;
    private const string Reset = "\e[0m";

    private static readonly string[] s_colors = ["\e[35m", "\e[34m", "\e[36m", "\e[32m", "\e[33m", "\e[31m", "\e[95m", "\e[96m", "\e[94m", "\e[92m", "\e[93m", "\e[91m"];

    private readonly SemaphoreSlim _gate = new(1);
    private readonly LocalRunOptions _options;
    private readonly string[] _names;
    private readonly int _width;
    private readonly Stream _output;
    private readonly Stream _error;
    private volatile bool _lost;

    public LocalOutput(LocalRunOptions options, IEnumerable<LocalProcess> processes)
    {
        _options = options;
        _names = [.. processes.Select(static p => p.Name.ToString())];
        _width = _names.Max(static name => name.Length);
        _output = options.Output ?? Console.OpenStandardOutput();
        _error = options.Error ?? Console.OpenStandardError();
    }

    /// <summary>Called once, when nobody takes the output any more.</summary>
    public Action<string>? Lost { get; set; }

    /// <summary>Writes a process's lines until its output ends. Reads on when nobody takes them: a full pipe would stop the process.</summary>
    public async Task PumpAsync(int index, Stream from, CancellationToken cancellationToken)
    {
        var lines = new LocalLines();
        var ready = new ArrayBufferWriter<byte>(ReadBytes);
        var buffer = new byte[ReadBytes];
        try
        {
            while (await from.ReadAsync(buffer, cancellationToken).ConfigureAwait(false) is var count and > 0)
            {
                lines.Write(buffer.AsSpan(0, count), Prefix(index), ready);
                await SendAsync(_output, ready).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            // Given up on: somebody outside the tree holds the output open.
        }
        finally
        {
            lines.Complete(Prefix(index), ready);
            await SendAsync(_output, ready).ConfigureAwait(false);
        }
    }

    /// <summary>How a process ended.</summary>
    public Task SayExitAsync(int index, int status) => status == 0
        ? SayAsync(_output, $"{Paint(Color(index), Stamp(index))} {Paint("\e[36m", "Exited Successfully")}")
        : SayAsync(_error, $"{Paint(Color(index), Stamp(index))} {Paint("\e[31m", string.Create(CultureInfo.InvariantCulture, $"Exited with exit code {status}"))}");

    /// <summary>That the run ends.</summary>
    public Task SayStopAsync(ProcessSignal signal) => SayAsync(_output, Paint("\e[36m", $"[DONE] Killing all processes with signal {NameOf(signal)}"));

    /// <summary>Something the user should know.</summary>
    public Task WarnAsync(string text) => SayAsync(_error, Paint("\e[33m", $"[WARN] {text}"));

    public void Dispose() => _gate.Dispose();

    private static string NameOf(ProcessSignal signal) => signal switch
    {
        ProcessSignal.HangUp => "SIGHUP",
        ProcessSignal.Interrupt => "SIGINT",
        ProcessSignal.Terminate => "SIGTERM",
        _ => "SIGKILL",
    };

    private static string Color(int index) => s_colors[index % s_colors.Length];

    private byte[] Prefix(int index) => Encoding.UTF8.GetBytes(Paint(Color(index), $"{Stamp(index)} | ") + " ");

    private string Stamp(int index) =>
        $"{_options.Time.GetLocalNow().ToString("h:mm:ss tt", CultureInfo.InvariantCulture)} {_names[index]}".PadRight(TimeWidth + _width);

    private string Paint(string color, string text) => _options.Colors ? color + text + Reset : text;

    private Task SayAsync(Stream to, string text)
    {
        var line = new ArrayBufferWriter<byte>();
        line.Write(Encoding.UTF8.GetBytes(text + "\n"));
        return SendAsync(to, line);
    }

    private async Task SendAsync(Stream to, ArrayBufferWriter<byte> bytes)
    {
        await _gate.WaitAsync().ConfigureAwait(false);
        try
        {
            if (!_lost && bytes.WrittenCount > 0)
            {
                await to.WriteAsync(bytes.WrittenMemory).ConfigureAwait(false);
                await to.FlushAsync().ConfigureAwait(false);
            }
        }
        catch (IOException e)
        {
            _lost = true;
            Lost?.Invoke($"Nobody reads the output any more: {e.Message}");
        }
        finally
        {
            _gate.Release();
            bytes.ResetWrittenCount();
        }
    }
}
