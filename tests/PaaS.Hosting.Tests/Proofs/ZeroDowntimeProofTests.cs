using System.Net;
using System.Net.Sockets;
using System.Text;
using PaaS.Testing;

namespace PaaS.Hosting.Tests;

public sealed class ZeroDowntimeProofTests
{
    private const string Good = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok";

    [Fact]
    public async Task Every_request_is_counted_and_what_the_app_does_not_take_is_left_out()
    {
        await using var server = new Server(static _ => Good);

        var report = await RunAsync(server, server.Answered(50));

        Assert.True(report.Holds, report.ToString());
        var count = Assert.Single(report.Counts);
        Assert.Equal(("GET", 0), (count.Kind, count.Failed));

        // One of them had found out at the start that it answers.
        Assert.Equal(server.Count - 1, count.Requests);
        Assert.Equal(2, report.LeftOut.Length);
        Assert.EndsWith($"0 failed of {count.Requests:N0} requests in {report.Duration.TotalSeconds:N0} s\n", report.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", FailureCause.Reset)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhal", FailureCause.Truncated)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n", FailureCause.Truncated)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Le", FailureCause.Truncated)]
    [InlineData("HTTP/1.1 503 Service Unavailable\r\nContent-Length: 34\r\n\r\n<html><body><b>H14</b> none</body>", FailureCause.Status)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nwrong", FailureCause.WrongContent)]
    [InlineData("gibberish\r\n\r\n", FailureCause.WrongContent)]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", FailureCause.WrongContent)]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", FailureCause.WrongContent)]
    public async Task One_bad_answer_among_many_is_found_with_its_cause(string answer, FailureCause cause)
    {
        await using var server = new Server(number => number == 20 ? answer : Good);

        var report = await RunAsync(server, server.Answered(40));

        var failure = Assert.Single(report.Failures);
        Assert.Equal((cause, 1), (failure.Cause, failure.Count));
        Assert.Equal((1, false), (report.Failed, report.Holds));
        Assert.Contains("FAILED GET, ", report.ToString(), StringComparison.Ordinal);
        Assert.True(cause != FailureCause.Status || failure.Example.Contains("503: H14 none", StringComparison.Ordinal), failure.Example);
    }

    [Fact]
    public async Task No_answer_in_time_is_a_failure_of_its_own()
    {
        await using var server = new Server(static number => number == 20 ? null : Good);

        var failure = Assert.Single((await RunAsync(server, server.Answered(40))).Failures);

        Assert.Equal((FailureCause.Timeout, 1), (failure.Cause, failure.Count));
    }

    [Fact]
    public async Task No_connection_is_a_failure_of_its_own()
    {
        await using var server = new Server(static _ => Good);

        var report = await RunAsync(server, async () =>
        {
            await server.Answered(10)();
            await server.DisposeAsync();
            await server.Refused();
        });

        Assert.Contains(report.Failures, static failure => failure.Cause == FailureCause.ConnectRefused);
        Assert.Equal(report.Failed, report.Failures.Sum(static failure => failure.Count));
    }

    [Fact]
    public async Task An_app_that_does_not_answer_before_the_changes_ends_the_proof_before_they_begin()
    {
        await using var server = new Server(static _ => "HTTP/1.1 500 No\r\nContent-Length: 0\r\n\r\n");

        var refusal = await Assert.ThrowsAsync<ZeroDowntimeException>(() => RunAsync(server, () => throw new InvalidOperationException("a change was made")));

        Assert.Contains("500", refusal.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("a b", "/")]
    [InlineData("host\r\nX: y", "/")]
    [InlineData("", "/")]
    [InlineData("host", "x")]
    [InlineData("host", "/a b")]
    [InlineData("host", "/\r\n")]
    public void What_would_break_out_of_a_request_is_refused(string host, string path) =>
        Assert.Throws<ArgumentException>(() => new ZeroDowntimeProof(new ZeroDowntimeOptions { Router = new IPEndPoint(IPAddress.Loopback, 1), Host = host, Path = path }));

    [Fact]
    public void A_list_of_changes_is_read()
    {
        Assert.Equal([AppChange.Restart, AppChange.Config, AppChange.Scale, AppChange.Rollback, AppChange.Size], AppChanges.ParseList("restart, config,SCALE,rollback,size").AsEnumerable());
        Assert.Throws<FormatException>(() => AppChanges.ParseList("restart,deploy"));
        Assert.Throws<FormatException>(() => AppChanges.ParseList("restart,"));
        Assert.Throws<FormatException>(() => AppChanges.ParseList("1"));
    }

    private static Task<ZeroDowntimeReport> RunAsync(Server server, Func<Task> changes) => new ZeroDowntimeProof(new ZeroDowntimeOptions
    {
        Router = server.Address,
        Host = "app.localhost",
        Expect = "ok",
        Pause = TimeSpan.FromMilliseconds(1),
        Timeout = TimeSpan.FromSeconds(2),
    }).RunAsync(_ => changes());

    /// <summary>Answers GETs from a script, and refuses everything else.</summary>
    private sealed class Server : IAsyncDisposable
    {
        private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
        private readonly CancellationTokenSource _end = new();
        private readonly Func<int, string?> _answer;
        private readonly Task _accepting;
        private int _count;

        /// <summary>Starts it.</summary>
        /// <param name="answer">The answer to the nth GET; after one that is not good the connection is closed, null is silence.</param>
        public Server(Func<int, string?> answer)
        {
            _answer = answer;
            _listener.Start();
            Address = (IPEndPoint)_listener.LocalEndpoint;
            _accepting = AcceptAsync();
        }

        public IPEndPoint Address { get; }

        public int Count => Volatile.Read(ref _count);

        /// <summary>Waits until it has answered so many.</summary>
        public Func<Task> Answered(int count) => () => UntilAsync(() => Count >= count);

        /// <summary>Waits until clients have noticed that it is gone.</summary>
        public Task Refused() => UntilAsync(() => _accepting.IsCompleted, atLeast: 50);

        public async ValueTask DisposeAsync()
        {
            if (!_end.IsCancellationRequested)
            {
                await _end.CancelAsync();
                _listener.Stop();
                await _accepting;
            }
        }

        private static async Task UntilAsync(Func<bool> holds, int atLeast = 0)
        {
            using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(5));
            using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(60));
            for (var look = 0; look < atLeast || !holds(); look++)
            {
                await timer.WaitForNextTickAsync(patience.Token);
            }
        }

        private async Task AcceptAsync()
        {
            var serving = new List<Task>();
            try
            {
                while (true)
                {
                    serving.Add(ServeAsync(await _listener.AcceptTcpClientAsync(_end.Token)));
                }
            }
            catch (OperationCanceledException)
            {
                await Task.WhenAll(serving);
            }
        }

        private async Task ServeAsync(TcpClient client)
        {
            using var _ = client;
            try
            {
                var stream = client.GetStream();
                using var reader = new StreamReader(stream, Encoding.ASCII);
                while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 } first)
                {
                    var upgrade = false;
                    while (await reader.ReadLineAsync(_end.Token) is { Length: > 0 } header)
                    {
                        upgrade |= header.StartsWith("Upgrade:", StringComparison.Ordinal);
                    }

                    var answer = upgrade || !first.StartsWith("GET ", StringComparison.Ordinal) ? "HTTP/1.1 405 No\r\nContent-Length: 0\r\n\r\n" : _answer(Interlocked.Increment(ref _count));
                    if (answer is null)
                    {
                        await Task.Delay(Timeout.InfiniteTimeSpan, _end.Token);
                    }

                    await stream.WriteAsync(Encoding.ASCII.GetBytes(answer!), _end.Token);
                    if (answer != Good)
                    {
                        return;
                    }
                }
            }
            catch (Exception e) when (e is OperationCanceledException or IOException)
            {
                // The client has gone, or the test has ended.
            }
        }
    }
}
