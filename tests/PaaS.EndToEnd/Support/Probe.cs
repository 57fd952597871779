using System.Net;
using System.Net.NetworkInformation;
using System.Net.Sockets;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace PaaS.EndToEnd;

/// <summary>
/// A stranger's attempts (probe.js) from inside a build, a dyno and a one-off, against a neighbour app with a secret, and
/// against listeners of the machine that only the test has.
/// </summary>
internal sealed class Probe : IDisposable
{
    private readonly Socket _machine;
    private readonly Socket _abstract;
    private readonly string _abstractName = $"paas-test-{Guid.NewGuid():N}";
    private readonly RunningHost _host;
    private readonly Client _client;

    public Probe(RunningHost host, Client client)
    {
        (_host, _client) = (host, client);
        _machine = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        _machine.Bind(new IPEndPoint(IPAddress.Any, 0));
        _machine.Listen();
        _abstract = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
        _abstract.Bind(new UnixDomainSocketEndPoint("\0" + _abstractName));
        _abstract.Listen();
    }

    /// <summary>Deploys the neighbour and the stranger, and lets it try from everywhere.</summary>
    public async Task<ProbeReport> RunAsync()
    {
        var victim = await _client.CreateAppAsync();
        using var victims = await Repository.MakeAsync(_host, victim, TinyApp.Web("victim-code"));
        await victims.DeployAsync();
        await _client.SetAsync(victim, new { VICTIM_SECRET = Secret });

        var app = await _client.CreateAppAsync();
        using var repository = await Repository.MakeAsync(
            _host, app,
            ("Procfile", "web: node server.js\n"),
            ("package.json", """{"name":"stranger","version":"1.0.0","scripts":{"postinstall":"node probe.js build"}}"""),
            ("probe.js", await File.ReadAllTextAsync(Path.Combine(AppContext.BaseDirectory, "Support", "probe.js"))),
            ("targets.json", await TargetsAsync(victim)),
            ("server.js", "const { run } = require('./probe.js'); require('http').createServer((q, s) => s.end(run('dyno'))).listen(process.env.PORT)"));
        File.CreateSymbolicLink(Path.Combine(repository.Tree, "leak"), Path.Combine(_host.Data, "token"));
        await repository.CommitAsync("with a link");
        var push = await repository.PushAsync();
        Assert.True(push.Status == 0, push.Output);
        var dyno = (await _client.BrowseAsync(app)).Body;
        var oneOff = await OneOffAsync(app);
        Assert.Equal("victim-code", (await _client.AskAsync(victim))["code"]!.GetValue<string>());
        return new ProbeReport(push.Output + "\n" + dyno + "\n" + oneOff);
    }

    public void Dispose()
    {
        _machine.Dispose();
        _abstract.Dispose();
    }

    public const string Secret = "victim-secret-7d1b";

    private async Task<string> OneOffAsync(string app)
    {
        var run = await _client.DoAsync(HttpMethod.Post, $"/apps/{app}/dynos", new { command = "node probe.js one-off", attach = false });
        return await Eventually.GetAsync("the one-off has tried everything", async () =>
            await _client.LogAsync(app, dyno: run["name"]!.GetValue<string>()) is var log && log.Contains("one-off tried everything", StringComparison.Ordinal) ? log : null);
    }

    private async Task<string> TargetsAsync(string victim)
    {
        var neighbour = await _client.AskAsync(victim);
        var outside = NetworkInterface.GetAllNetworkInterfaces()
            .Where(static nic => nic.OperationalStatus == OperationalStatus.Up && nic.NetworkInterfaceType != NetworkInterfaceType.Loopback)
            .SelectMany(static nic => nic.GetIPProperties().UnicastAddresses)
            .Select(static unicast => unicast.Address)
            .FirstOrDefault(static address => address.AddressFamily == AddressFamily.InterNetwork) ?? IPAddress.Loopback;
        return new JsonObject
        {
            ["data"] = _host.Data,
            ["work"] = _host.Work,
            ["hostPid"] = _host.Pid,
            ["hostProgram"] = RunningHost.Program,
            ["victimPid"] = OutsidePid(victim, neighbour),
            ["victimAddress"] = neighbour["address"]!.GetValue<string>(),
            ["victimPort"] = int.Parse(neighbour["port"]!.GetValue<string>(), System.Globalization.CultureInfo.InvariantCulture),
            ["secret"] = Secret,
            ["apiPort"] = _host.ApiUrl.Port,
            ["machineAddress"] = outside.ToString(),
            ["machinePort"] = ((IPEndPoint)_machine.LocalEndPoint!).Port,
            ["abstractSocket"] = _abstractName,
            ["machineName"] = Environment.MachineName,
        }.ToJsonString(JsonSerializerOptions.Default);
    }

    /// <summary>The number by which the machine knows the neighbour's process: inside its sandbox it has another.</summary>
    private static int OutsidePid(string victim, JsonNode neighbour)
    {
        var inside = neighbour["pid"]!.GetValue<int>();
        return Processes.All().First(process => process.Variable("VICTIM_SECRET") == Secret && process.InnermostId == inside).Id;
    }
}

/// <summary>The lines of all probes.</summary>
internal sealed record ProbeReport(string Text)
{
    /// <summary>What succeeded at one place.</summary>
    public IEnumerable<string> Got(string where) => Lines(where, "GOT");

    /// <summary>What was tried at one place, and did not succeed.</summary>
    public IEnumerable<string> Denied(string where) => Lines(where, "denied");

    private IEnumerable<string> Lines(string place, string word) =>
        from line in Text.Split('\n')
        let start = line.IndexOf($"{place} {word} ", StringComparison.Ordinal)
        where start >= 0
        let name = line[(start + place.Length + word.Length + 2)..].TrimEnd()
        select name.Contains(" (", StringComparison.Ordinal) ? name[..name.IndexOf(" (", StringComparison.Ordinal)] : name;
}
