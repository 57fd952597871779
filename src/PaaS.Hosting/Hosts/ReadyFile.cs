using System.Text.Json;
using System.Text.Json.Serialization;

namespace PaaS.Hosting;

/// <summary>One line of JSON that says where everything answers. It appears whole, under its final name, or not at all.</summary>
internal static class ReadyFile
{
    public static async Task WriteAsync(string path, ApiAddresses addresses, string tokenFile, CancellationToken cancellationToken)
    {
        var full = Path.GetFullPath(path);
        var incoming = $"{full}.{Environment.ProcessId}.incoming";
        var content = new ReadyContent(addresses.ApiUrl, addresses.Api.Port, addresses.RouterUrl, addresses.Router.Port, addresses.RouterHttps?.Port, tokenFile, Environment.ProcessId);
        await File.WriteAllTextAsync(incoming, JsonSerializer.Serialize(content, ReadyJson.Default.ReadyContent) + "\n", cancellationToken);
        File.Move(incoming, full, overwrite: true);
    }
}

internal sealed record ReadyContent(string Api, int ApiPort, string Router, int RouterPort, int? RouterHttpsPort, string TokenFile, int Pid);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower, DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull)]
[JsonSerializable(typeof(ReadyContent))]
internal sealed partial class ReadyJson : JsonSerializerContext;
