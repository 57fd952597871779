using System.Diagnostics;
using System.Globalization;
using System.Text;

namespace PaaS.Benchmarks;

/// <summary>What a run needs beside the contenders: a directory, and a back end, which is one nginx worker that listens on four ports.</summary>
internal sealed class RouterWorkbench : IAsyncDisposable
{
    private const int BackendCount = 4;
    private readonly HashSet<int> _ports = [];
    private Contender? _backend;

    private RouterWorkbench()
    {
        BackendPorts = [.. Enumerable.Range(0, BackendCount).Select(_ => TakePort())];
        Backends = string.Join(',', BackendPorts.Select(static port => string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}")));
    }

    public string Directory { get; } = System.IO.Directory.CreateTempSubdirectory("paas-router-").FullName;

    public int[] BackendPorts { get; }

    /// <summary>Their addresses, with commas between them.</summary>
    public string Backends { get; }

    public static async Task<RouterWorkbench> OpenAsync(CancellationToken cancellationToken)
    {
        var bench = new RouterWorkbench();

        // The workers of an nginx that root starts are nobody's.
        File.SetUnixFileMode(bench.Directory, (UnixFileMode)0b111_101_101);
        foreach (var workload in Workload.All)
        {
            var body = new byte[workload.Length];
            Array.Fill(body, (byte)'0');
            await File.WriteAllBytesAsync(bench.Directory + workload.Path, body, cancellationToken);
        }

        bench._backend = Contender.Start("back end", bench.BackendPorts[0], bench.StartBackend(), Path.Combine(bench.Directory, "backend.log"));
        await bench._backend.WaitUntilItAnswersAsync(cancellationToken);
        return bench;
    }

    public int TakePort()
    {
        int port;
        do
        {
            port = DynoWorkbench.FreePort();
        }
        while (!_ports.Add(port));
        return port;
    }

    /// <summary>Writes a file.</summary>
    /// <returns>Its path.</returns>
    public string Write(string name, string text)
    {
        var path = Path.Combine(Directory, name);
        File.WriteAllText(path, text, Encoding.ASCII);
        return path;
    }

    /// <summary>Writes the configuration of an nginx.</summary>
    /// <returns>Its path.</returns>
    public string WriteNginx(string name, int workers, string http)
    {
        var own = System.IO.Directory.CreateDirectory(Path.Combine(Directory, name)).FullName;
        return Write(name + ".conf", $$"""
            daemon off; worker_processes {{workers}}; pid {{own}}/pid; error_log {{own}}/error.log error;
            worker_rlimit_nofile 20000;
            events { worker_connections 8192; multi_accept on; }
            http {
              access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; sendfile on; tcp_nopush on; tcp_nodelay on;
              client_body_temp_path {{own}}; proxy_temp_path {{own}}; fastcgi_temp_path {{own}}; uwsgi_temp_path {{own}}; scgi_temp_path {{own}};
              default_type text/plain;
            {{http}}
            }

            """);
    }

    public async ValueTask DisposeAsync()
    {
        if (_backend is not null)
        {
            await _backend.DisposeAsync();
        }

        System.IO.Directory.Delete(Directory, recursive: true);
    }

    private ProcessStartInfo StartBackend() => new("nginx", ["-p", Directory, "-c", WriteNginx("backend", 1, $$"""
          open_file_cache max=100; open_file_cache_valid 600s;
          server {
            {{string.Join(' ', BackendPorts.Select(static port => $"listen 127.0.0.1:{port} backlog=4096;"))}}
            root {{Directory}}; client_max_body_size 100m;
            location = {{Workload.Small.Path}} { return 200 "hello, world\n"; }
            location = {{Workload.Upload.Path}} { return 200 "ok\n"; }
          }
        """)]);
}
