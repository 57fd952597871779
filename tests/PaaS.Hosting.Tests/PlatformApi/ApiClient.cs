using System.Net;
using System.Net.Http.Headers;
using System.Net.Sockets;
using System.Text;
using System.Text.Json;

namespace PaaS.Hosting.Tests;

/// <summary>A client of the Platform API, in short words.</summary>
internal sealed class ApiClient(HttpClient http) : IDisposable
{
    public HttpClient Http => http;

    public Task<ApiAnswer> GetAsync(string path, string? range = null) => SendAsync(HttpMethod.Get, path, null, range);

    public Task<ApiAnswer> PostAsync(string path, string? json = null) => SendAsync(HttpMethod.Post, path, json);

    public Task<ApiAnswer> PatchAsync(string path, string json) => SendAsync(HttpMethod.Patch, path, json);

    public Task<ApiAnswer> DeleteAsync(string path) => SendAsync(HttpMethod.Delete, path);

    public async Task<ApiAnswer> SendAsync(HttpMethod method, string path, string? json = null, string? range = null)
    {
        using var request = new HttpRequestMessage(method, path);
        if (json is not null)
        {
            request.Content = new StringContent(json, Encoding.UTF8, "application/json");
        }

        if (range is not null)
        {
            request.Headers.TryAddWithoutValidation("Range", range);
        }

        return await SendAsync(request);
    }

    public async Task<ApiAnswer> SendAsync(HttpRequestMessage request)
    {
        using var response = await http.SendAsync(request).WaitAsync(Eventually.Deadline);
        return new ApiAnswer(response.StatusCode, await response.Content.ReadAsStringAsync(), response.Headers, response.Content.Headers.ContentType);
    }

    /// <summary>Sends a request line exactly as it is written, which no HTTP library would.</summary>
    public async Task<int> SendRawAsync(string method, string target)
    {
        using var socket = new TcpClient();
        await socket.ConnectAsync(http.BaseAddress!.Host, http.BaseAddress.Port);
        await using var stream = socket.GetStream();
        await stream.WriteAsync(Encoding.Latin1.GetBytes($"{method} {target} HTTP/1.1\r\nHost: localhost\r\nAuthorization: {http.DefaultRequestHeaders.Authorization}\r\nConnection: close\r\n\r\n"));
        using var reader = new StreamReader(stream, Encoding.Latin1);
        var status = await reader.ReadLineAsync().WaitAsync(Eventually.Deadline);
        return int.Parse(status!.Split(' ')[1], System.Globalization.CultureInfo.InvariantCulture);
    }

    public void Dispose() => http.Dispose();
}

/// <summary>What the API answered.</summary>
internal sealed record ApiAnswer(HttpStatusCode Status, string Text, HttpResponseHeaders Headers, MediaTypeHeaderValue? ContentType)
{
    public JsonElement Json { get; } = ContentType?.MediaType == "application/json" ? JsonDocument.Parse(Text).RootElement.Clone() : default;

    public string? NextRange => Headers.TryGetValues("Next-Range", out var values) ? values.Single() : null;

    /// <summary>A field of the object as text; dots lead inside.</summary>
    public string this[string path] => path.Split('.').Aggregate(Json, (element, name) => element.GetProperty(name)).ToString();

    /// <summary>A field of every object in the list.</summary>
    public IEnumerable<string> All(string name) => Json.EnumerateArray().Select(element => element.GetProperty(name).ToString());

    /// <summary>The answer is an error of this kind; gives its message.</summary>
    public string IsError(HttpStatusCode status, string id, string? resource = null)
    {
        Assert.Equal((status, "application/json"), (Status, ContentType?.MediaType));
        Assert.Equal((id, resource ?? string.Empty), (this["id"], this["resource"]));
        Assert.NotEmpty(this["message"]);
        return this["message"];
    }

    public ApiAnswer Is(HttpStatusCode status)
    {
        Assert.True(Status == status, $"Expected {status}, got {Status}: {Text}");
        return this;
    }
}
