using System.CommandLine;
using System.Globalization;
using System.Net;
using System.Net.Http.Headers;
using System.Runtime.InteropServices;
using System.Text.Json;
using PaaS.Hosting;
using PaaS.Testing;

namespace PaaS.ReferenceHost;

/// <summary><c>prove zero-downtime APP</c>: counts every request while the app is changed.</summary>
internal sealed class ProveCommand
{
    private readonly Argument<string> _app = new("APP") { Description = "The app's name." };
    private readonly Option<string?> _router = new("--router") { Description = "Where the router listens. Default: as the ready file says, else 127.0.0.1:8080.", HelpName = "ADDR:PORT" };
    private readonly Option<string?> _host = new("--host") { Description = "The app's host name. Default: APP.localhost.", HelpName = "NAME" };
    private readonly Option<int?> _seconds = new("--seconds") { Description = "How long the load runs at least. Default: 30, with --changes until they are made.", HelpName = "N" };
    private readonly Option<string> _path = new("--path") { Description = "What is asked by GET.", HelpName = "PATH", DefaultValueFactory = _ => "/" };
    private readonly Option<string?> _expect = new("--expect") { Description = "A text that every answer to GET holds.", HelpName = "TEXT" };
    private readonly Option<string?> _upload = new("--upload-path") { Description = "What is asked by POST. Default: as --path, if the app takes it.", HelpName = "PATH" };
    private readonly Option<string?> _slow = new("--slow-path") { Description = "What takes its time to answer. Default: none.", HelpName = "PATH" };
    private readonly Option<string?> _webSocket = new("--websocket-path") { Description = "A WebSocket that sends back what it gets. Default: as --path, if there is one.", HelpName = "PATH" };
    private readonly Option<int> _concurrency = Count("--concurrency", 100, 2, "How many clients of each kind there are.");
    private readonly Option<string?> _changes = new("--changes") { Description = "What to do to the app meanwhile, through the API: restart,config,scale,rollback,size. It is left as it was found. Default: nothing; make your own.", HelpName = "LIST" };
    private readonly Option<int> _rounds = Count("--rounds", 10_000, 1, "How many times each change is made.");
    private readonly Option<Uri?> _api = new("--api") { Description = "The API's address. Default: as the ready file says, else http://127.0.0.1:5000.", HelpName = "URL" };
    private readonly Option<FileInfo?> _tokenFile = new("--token-file") { Description = $"A file whose first line is the token. Default: as the ready file says, else {UpOptions.TokenVariable}, else that of the default data directory.", HelpName = "F" };
    private readonly Option<FileInfo?> _readyFile = new("--ready-file") { Description = "The ready file of the host: it knows all addresses and the token's file.", HelpName = "F" };

    public static Command Create()
    {
        var prove = new ProveCommand();
        var command = new Command("zero-downtime", "Puts a load on an app and counts every request. Exits 0 if none failed, 1 if any did.")
        {
            prove._app, prove._router, prove._host, prove._seconds, prove._path, prove._expect, prove._upload, prove._slow, prove._webSocket,
            prove._concurrency, prove._changes, prove._rounds, prove._api, prove._tokenFile, prove._readyFile,
        };
        command.SetAction((parsed, cancellationToken) => prove.ReportAsync(parsed, cancellationToken));
        return new Command("prove", "Proves what the platform promises, on a running host.") { command };
    }

    private static Option<int> Count(string name, int most, int preset, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "N", DefaultValueFactory = _ => preset };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(int.TryParse(text.Value, NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count >= 1 && count <= most))
            {
                result.AddError($"{name} {text.Value}: a number from 1 to {most}.");
            }
        });
        return option;
    }

    private async Task<int> ReportAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        try
        {
            return await RunAsync(parsed, cancellationToken);
        }
        catch (Exception e) when (e is UsageException or FormatException or ArgumentException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failures.WrongUsage;
        }
        catch (Exception e) when (e is ZeroDowntimeException or HttpRequestException or IOException or UnauthorizedAccessException)
        {
            await Console.Error.WriteLineAsync(e.Message);
            return Failures.CannotStart;
        }
    }

    private async Task<int> RunAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var ready = await ReadReadyFileAsync(parsed.GetValue(_readyFile), cancellationToken);
        var app = parsed.GetRequiredValue(_app);
        var proof = new ZeroDowntimeProof(new ZeroDowntimeOptions
        {
            Router = RouterOf(parsed.GetValue(_router), ready),
            Host = parsed.GetValue(_host) ?? $"{app}.localhost",
            Path = parsed.GetRequiredValue(_path),
            Expect = parsed.GetValue(_expect),
            UploadPath = parsed.GetValue(_upload),
            SlowPath = parsed.GetValue(_slow),
            WebSocketPath = parsed.GetValue(_webSocket),
            Concurrency = parsed.GetValue(_concurrency),
        });
        var changes = parsed.GetValue(_changes) is { } list ? AppChanges.ParseList(list) : [];
        using var api = changes.IsEmpty ? null : await OpenApiAsync(parsed, ready, cancellationToken);

        using var early = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        using var interrupt = Catch(PosixSignal.SIGINT, early);
        using var terminate = Catch(PosixSignal.SIGTERM, early);
        var isWhole = api is null;
        var report = await proof.RunAsync(
            async end =>
            {
                var seconds = Task.Delay(TimeSpan.FromSeconds(parsed.GetValue(_seconds) ?? (api is null ? 30 : 0)), end);
                if (api is not null)
                {
                    await new AppChanges(api, app).RunAsync(changes, parsed.GetValue(_rounds), Console.WriteLine, end);
                    isWhole = true;
                }

                await seconds;
            },
            early.Token);
        await Console.Out.WriteAsync($"\n{report}");
        if (!isWhole)
        {
            await Console.Error.WriteLineAsync("Interrupted before all changes were made: this proves nothing.");
        }

        return report.Holds && isWhole ? 0 : 1;
    }

    /// <summary>Ctrl-C ends the load early; the report comes all the same.</summary>
    private static PosixSignalRegistration Catch(PosixSignal signal, CancellationTokenSource early) => PosixSignalRegistration.Create(signal, context =>
    {
        context.Cancel = true;
        early.Cancel();
    });

    private static EndPoint RouterOf(string? text, JsonElement? ready)
    {
        if (text is null)
        {
            return new IPEndPoint(IPAddress.Loopback, ready?.GetProperty("router_port").GetInt32() ?? 8080);
        }

        var colon = text.LastIndexOf(':');
        return IPEndPoint.TryParse(text, out var address) && colon > 0 && address.Port > 0 ? address
            : colon > 0 && ushort.TryParse(text.AsSpan(colon + 1), out var port) && port > 0 ? new DnsEndPoint(text[..colon], port)
            : throw new UsageException($"--router {text}: an address and a port, such as 127.0.0.1:8080.");
    }

    private async Task<HttpClient> OpenApiAsync(ParseResult parsed, JsonElement? ready, CancellationToken cancellationToken)
    {
        var address = parsed.GetValue(_api) ?? new Uri(ready?.GetProperty("api").GetString() ?? "http://127.0.0.1:5000");
        var token = await ReadTokenAsync(parsed.GetValue(_tokenFile)?.FullName ?? ready?.GetProperty("token_file").GetString(), cancellationToken);
        return new HttpClient { BaseAddress = address, DefaultRequestHeaders = { Authorization = new AuthenticationHeaderValue("Bearer", token) } };
    }

    private static async Task<string> ReadTokenAsync(string? file, CancellationToken cancellationToken)
    {
        if (file is null && Environment.GetEnvironmentVariable(UpOptions.TokenVariable) is { Length: > 0 } value)
        {
            return value;
        }

        file ??= Path.Combine(new PaaSOptions().DataDirectory, "token");
        using var reader = File.OpenText(file);
        return (await reader.ReadLineAsync(cancellationToken))?.Trim() is { Length: > 0 } token ? token : throw new UsageException($"The first line of {file} is empty: it has to be the token.");
    }

    private static async Task<JsonElement?> ReadReadyFileAsync(FileInfo? file, CancellationToken cancellationToken)
    {
        if (file is null)
        {
            return null;
        }

        try
        {
            using var json = JsonDocument.Parse(await File.ReadAllTextAsync(file.FullName, cancellationToken));
            return json.RootElement.Clone();
        }
        catch (JsonException)
        {
            throw new UsageException($"--ready-file: {file.FullName} is not the ready file of a host.");
        }
    }
}
