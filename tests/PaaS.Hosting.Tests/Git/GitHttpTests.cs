using System.Net;
using System.Net.Http.Headers;
using System.Text;

namespace PaaS.Hosting.Tests;

public sealed class GitHttpTests
{
    [Theory]
    [InlineData("/calm-river-7.git/info/refs")]
    [InlineData("/calm-river-7.git/info/refs?service=git-evil")]
    [InlineData("/calm-river-7.git/info/refs?service=--upload-pack=x")]
    public async Task Only_the_smart_protocol_is_spoken(string path)
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);

        using var answer = await http.GetAsync(new Uri(path, UriKind.Relative));

        Assert.Equal(HttpStatusCode.Forbidden, answer.StatusCode);
    }

    [Fact]
    public async Task An_advertisement_is_never_cached()
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);

        using var answer = await http.GetAsync(new Uri("/calm-river-7.git/info/refs?service=git-receive-pack", UriKind.Relative));

        Assert.Equal("application/x-git-receive-pack-advertisement", answer.Content.Headers.ContentType!.ToString());
        Assert.True(answer.Headers.CacheControl!.NoCache);
        Assert.StartsWith("001f# service=git-receive-pack\n0000", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("version=2:evil")]
    [InlineData("version=2\tx")]
    [InlineData("--upload-pack")]
    public async Task An_unknown_protocol_version_is_not_handed_on(string version)
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);
        http.DefaultRequestHeaders.TryAddWithoutValidation("Git-Protocol", version);

        using var answer = await http.GetAsync(new Uri("/calm-river-7.git/info/refs?service=git-upload-pack", UriKind.Relative));

        Assert.StartsWith("001e# service=git-upload-pack\n", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task A_request_of_another_type_is_refused()
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);
        using var content = new StringContent("0000", Encoding.ASCII, "text/plain");

        using var answer = await http.PostAsync(new Uri("/calm-river-7.git/git-receive-pack", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task A_request_in_an_unknown_encoding_is_refused()
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);
        using var content = Request("0000");
        content.Headers.ContentEncoding.Add("br");

        using var answer = await http.PostAsync(new Uri("/calm-river-7.git/git-upload-pack", UriKind.Relative), content);

        Assert.Equal(HttpStatusCode.UnsupportedMediaType, answer.StatusCode);
    }

    [Fact]
    public async Task A_compressed_request_that_unpacks_to_too_much_is_refused()
    {
        await using var scene = await GitScene.StartAsync(limits: new GitLimits { FetchRequestBytes = 1 << 20 });
        using var http = Client(scene);
        var bomb = new MemoryStream();
        await using (var gzip = new System.IO.Compression.GZipStream(bomb, System.IO.Compression.CompressionLevel.Fastest, leaveOpen: true))
        {
            var line = Encoding.ASCII.GetBytes("0032want 1111111111111111111111111111111111111111\n");
            for (var i = 0; i < 100_000; i++)
            {
                gzip.Write(line);
            }
        }

        using var content = new ByteArrayContent(bomb.ToArray());
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-git-upload-pack-request");
        content.Headers.ContentEncoding.Add("gzip");
        using var answer = await http.PostAsync(new Uri("/calm-river-7.git/git-upload-pack", UriKind.Relative), content);

        Assert.True(answer.StatusCode is HttpStatusCode.RequestEntityTooLarge or HttpStatusCode.OK, answer.StatusCode.ToString());
        Assert.DoesNotContain("PACK", await answer.Content.ReadAsStringAsync(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("")]
    [InlineData("nonsense")]
    [InlineData("fff")]
    [InlineData("00000000PACK\0\0\0\u0002")]
    [InlineData("0032want 1111111111111111111111111111111111111111\n0000")]
    public async Task Nonsense_on_the_wire_is_refused_and_harms_nothing(string text)
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);
        foreach (var service in (string[])["git-upload-pack", "git-receive-pack"])
        {
            using var content = new StringContent(text, Encoding.Latin1);
            content.Headers.ContentType = MediaTypeHeaderValue.Parse($"application/x-{service}-request");
            using var answer = await http.PostAsync(new Uri("/calm-river-7.git/" + service, UriKind.Relative), content);
            Assert.True(answer.StatusCode is HttpStatusCode.OK or HttpStatusCode.BadRequest, answer.StatusCode.ToString());
        }

        var client = scene.NewClient();
        client.Commit();
        Assert.Equal(0, (await client.PushAsync("paas", "main")).Status);
        Assert.Single(scene.Receiver.Pushes);
    }

    [Theory]
    [InlineData("/..%2F..%2Fetc.git/info/refs?service=git-upload-pack")]
    [InlineData("/%2e%2e.git/info/refs?service=git-upload-pack")]
    [InlineData("/--upload-pack=x.git/info/refs?service=git-upload-pack")]
    [InlineData("/$(touch%20x).git/info/refs?service=git-upload-pack")]
    [InlineData("/11112222333344445555666677778888.git/info/refs?service=git-upload-pack")]
    [InlineData("/home/info/refs?service=git-upload-pack")]
    [InlineData("/.git/info/refs?service=git-upload-pack")]
    [InlineData("/a%00b.git/info/refs?service=git-upload-pack")]
    [InlineData("/calm-river-7%0a.git/info/refs?service=git-upload-pack")]
    public async Task A_name_that_is_no_apps_leads_nowhere(string path)
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);

        using var answer = await http.GetAsync(new Uri(scene.Address + path[1..], new UriCreationOptions { DangerousDisablePathAndQueryCanonicalization = true }));

        Assert.True(answer.StatusCode is HttpStatusCode.NotFound or HttpStatusCode.BadRequest, answer.StatusCode.ToString());
        Assert.Equal(["home", "pushes"], Directory.GetDirectories(Path.Combine(scene.Directory, "repositories")).Select(Path.GetFileName).Order());
    }

    [Fact]
    public async Task Without_the_right_token_the_gate_answers_and_git_is_never_started()
    {
        await using var scene = await GitScene.StartAsync();
        using var http = Client(scene);
        http.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String("any:wrong"u8));

        foreach (var service in (string[])["git-upload-pack", "git-receive-pack"])
        {
            using var refs = await http.GetAsync(new Uri($"/calm-river-7.git/info/refs?service={service}", UriKind.Relative));
            using var content = Request("0000");
            using var post = await http.PostAsync(new Uri("/calm-river-7.git/" + service, UriKind.Relative), content);
            Assert.Equal((HttpStatusCode.Unauthorized, HttpStatusCode.Unauthorized), (refs.StatusCode, post.StatusCode));
        }

        Assert.False(Directory.Exists(scene.Repository));
    }

    [Fact]
    public async Task More_requests_than_an_app_may_have_are_told_to_wait()
    {
        await using var scene = await GitScene.StartAsync(limits: new GitLimits { RequestsPerApp = 1 });
        var (building, verdict) = (new TaskCompletionSource(), new TaskCompletionSource<PushVerdict>());
        scene.Receiver.OnPush = (_, _, _, _) =>
        {
            building.SetResult();
            return verdict.Task;
        };
        var client = scene.NewClient();
        client.Commit();
        var push = client.PushAsync("paas", "main");
        await building.Task.WaitAsync(GitScene.Deadline);

        var run = await client.RunAsync("ls-remote", scene.Url);

        Assert.NotEqual(0, run.Status);
        Assert.Contains("Try again when a push or fetch has ended", run.Error, StringComparison.Ordinal);
        verdict.SetResult(PushVerdict.Accepted);
        Assert.Equal(0, (await push).Status);
        Assert.Equal(0, (await client.RunAsync("ls-remote", scene.Url)).Status);
    }

    [Fact]
    public async Task A_push_that_does_not_come_to_its_end_in_time_is_ended_and_leaves_nothing()
    {
        await using var scene = await GitScene.StartAsync(limits: new GitLimits { ReceiveTime = TimeSpan.FromSeconds(2), DrainTime = TimeSpan.FromSeconds(1) });
        using var socket = new System.Net.Sockets.TcpClient();
        await socket.ConnectAsync(IPAddress.Loopback, scene.Address.Port);
        await using var stream = socket.GetStream();
        var credential = Convert.ToBase64String(Encoding.ASCII.GetBytes("any:" + SceneGate.Token));
        await stream.WriteAsync(Encoding.ASCII.GetBytes(
            $"POST /calm-river-7.git/git-receive-pack HTTP/1.1\r\nHost: x\r\nAuthorization: Basic {credential}\r\n"
            + "Content-Type: application/x-git-receive-pack-request\r\nContent-Length: 1000000\r\n\r\n00"));

        var answer = await new StreamReader(stream).ReadLineAsync().WaitAsync(GitScene.Deadline);

        Assert.StartsWith("HTTP/1.1 400", answer, StringComparison.Ordinal);
        Assert.Empty(scene.Receiver.Pushes);
    }

    private static HttpClient Client(GitScene scene)
    {
        var client = new HttpClient { BaseAddress = scene.Address };
        client.DefaultRequestHeaders.Authorization = new AuthenticationHeaderValue("Basic", Convert.ToBase64String(Encoding.ASCII.GetBytes("any:" + SceneGate.Token)));
        return client;
    }

    private static StringContent Request(string text)
    {
        var content = new StringContent(text, Encoding.ASCII);
        content.Headers.ContentType = MediaTypeHeaderValue.Parse("application/x-git-upload-pack-request");
        return content;
    }
}
