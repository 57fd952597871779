namespace PaaS.EndToEnd;

/// <summary>Apps that need no package: a Procfile and a script.</summary>
internal static class TinyApp
{
    private const string Server = """
        const http = require('http');
        const address = Object.values(require('os').networkInterfaces()).flat().find(a => a.family === 'IPv4' && !a.internal)?.address;
        const life = require('crypto').randomUUID();
        const answer = () => JSON.stringify({ life, address: address || '127.0.0.1', dyno: process.env.DYNO, pid: process.pid, port: process.env.PORT,
          greeting: process.env.GREETING || null, code: 'CODE', uid: process.getuid() });
        const server = http.createServer((request, response) => {
          if (request.url.startsWith('/log/')) console.log('said ' + request.url.slice(5));
          request.resume();
          request.on('end', () => setTimeout(() => response.end(answer()), request.url.startsWith('/slow') ? 500 : 0));
        });
        server.listen(process.env.PORT, () => console.log('listening'));
        process.on('SIGTERM', () => server.close(() => process.exit(0)));
        """;

    private const string Worker = """
        console.log(process.env.DYNO + ' works');
        setInterval(() => {}, 1000);
        """;

    public static (string, string)[] Web(string code = "one", string? more = null) =>
        [("Procfile", $"web: node server.js\nworker: node worker.js\n{more}"), ("server.js", Server.Replace("CODE", code, StringComparison.Ordinal)), ("worker.js", Worker)];

    /// <summary>An app whose web process is one line of JavaScript.</summary>
    public static (string, string)[] Script(string script) => [("Procfile", "web: node server.js\n"), ("server.js", script + "\n")];
}
