using System.Diagnostics;
using System.Globalization;

namespace PaaS.Benchmarks;

/// <summary>How a contender is started. All do the same work: they add X-Forwarded-*, Via and a request id (YARP: its X-Forwarded-*), keep connections on both sides and choose a back end at random.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Start">Makes its command from the run's directory and the port that it is to listen on.</param>
internal sealed record Recipe(string Name, Func<RouterWorkbench, int, ProcessStartInfo> Start)
{
    private const string LargeBuffers = "proxy_buffer_size 64k; proxy_buffers 8 64k; proxy_busy_buffers_size 256k;";

    /// <summary>Only large bodies are sent through it.</summary>
    public bool IsForLargeBodies { get; private init; }

    /// <summary>Whether it runs unless others are asked for.</summary>
    public bool IsUsual { get; private init; } = true;

    /// <summary>It is this project's, and writes a log line for each request.</summary>
    public bool IsOurs { get; private init; }

    public static IReadOnlyList<Recipe> All { get; } =
    [
        new("nginx", static (bench, port) => Nginx(bench, port, "nginx", string.Empty)),
        new("nginx-64k", static (bench, port) => Nginx(bench, port, "nginx-64k", LargeBuffers)) { IsForLargeBodies = true },
        new("haproxy", Haproxy),
        new("yarp", static (bench, port) => Dotnet("YarpPeer", port.ToString(CultureInfo.InvariantCulture), bench.Backends)),
        new("fast", static (bench, port) => Ours(bench, port, "fast")) { IsOurs = true },
        new("kestrel", static (bench, port) => Ours(bench, port, "kestrel")) { IsOurs = true },
        new("kestrel-inline", static (bench, port) => Inline(Ours(bench, port, "kestrel"))) { IsOurs = true },
        new("pipeline", static (bench, port) => Ours(bench, port, "pipeline")) { IsOurs = true, IsUsual = false },
    ];

    private static ProcessStartInfo Nginx(RouterWorkbench bench, int port, string name, string buffers) => new("nginx", ["-p", bench.Directory, "-c", bench.WriteNginx(name, Environment.ProcessorCount, $$"""
          {{buffers}}
          upstream backends {
            random;
            {{string.Join(' ', bench.BackendPorts.Select(static p => $"server 127.0.0.1:{p};"))}}
            keepalive 512; keepalive_requests 1000000000; keepalive_timeout 600s;
          }
          server {
            listen 127.0.0.1:{{port}} backlog=4096 reuseport; client_max_body_size 100m; client_body_buffer_size 16k;
            location / {
              proxy_pass http://backends; proxy_http_version 1.1; proxy_set_header Connection "";
              proxy_set_header Host $http_host;
              proxy_set_header X-Request-Id $request_id; proxy_set_header X-Request-Start $msec;
              proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for; proxy_set_header X-Forwarded-Proto $scheme;
              proxy_set_header X-Forwarded-Port $server_port; proxy_set_header Via "1.1 router";
            }
          }
        """)]);

    private static ProcessStartInfo Haproxy(RouterWorkbench bench, int port) => new("haproxy", ["-f", bench.Write("haproxy.cfg", $"""
        global
          nbthread {Environment.ProcessorCount}
          maxconn 8192
        defaults
          mode http
          timeout connect 15s
          timeout client 600s
          timeout server 600s
          timeout http-keep-alive 600s
          option http-keep-alive
          option forwardfor
          http-reuse always
        frontend clients
          bind 127.0.0.1:{port} backlog 4096
          http-request set-header X-Request-Id %[uuid()]
          http-request set-header X-Request-Start %[date()]
          http-request set-header X-Forwarded-Proto http
          http-request set-header X-Forwarded-Port %[dst_port]
          http-request set-header Via "1.1 router"
          default_backend backends
        backend backends
          balance random
        {string.Join('\n', bench.BackendPorts.Select(static p => $"  server s{p} 127.0.0.1:{p}"))}

        """)]);

    private static ProcessStartInfo Ours(RouterWorkbench bench, int port, string front) => Dotnet("RouterOnly", "--port", port.ToString(CultureInfo.InvariantCulture), "--backends", bench.Backends, "--front", front);

    private static ProcessStartInfo Inline(ProcessStartInfo start)
    {
        start.Environment["DOTNET_SYSTEM_NET_SOCKETS_INLINE_COMPLETIONS"] = "1";
        return start;
    }

    /// <summary>A program of this repository, which is built with this one and in the same configuration.</summary>
    private static ProcessStartInfo Dotnet(string project, params string[] arguments)
    {
        var here = new DirectoryInfo(AppContext.BaseDirectory);
        return new ProcessStartInfo("dotnet", [Path.Combine(here.Parent!.Parent!.FullName, project, here.Name, project + ".dll"), .. arguments]);
    }
}
