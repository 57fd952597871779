namespace PaaS.Benchmarks;

/// <summary>One kind of request.</summary>
/// <param name="Name">Its name on the command line.</param>
/// <param name="Title">What it is.</param>
/// <param name="Path">The path at the back end.</param>
/// <param name="Length">The length of the response's body.</param>
/// <param name="Script">What wrk does differently from a plain GET, in Lua.</param>
internal sealed record Workload(string Name, string Title, string Path, int Length, string? Script = null)
{
    private const string Browser = """
        wrk.headers["User-Agent"] = "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/130.0.0.0 Safari/537.36"
        wrk.headers["Accept"] = "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"
        wrk.headers["Accept-Encoding"] = "gzip, deflate, br, zstd"
        wrk.headers["Accept-Language"] = "en-US,en;q=0.9,ru;q=0.8"
        wrk.headers["Cache-Control"] = "no-cache"
        wrk.headers["Cookie"] = "session=" .. string.rep("a1b2c3d4", 24) .. "; theme=dark; consent=1; _ga=GA1.1.1234567890.1700000000"
        wrk.headers["Referer"] = "https://example.com/some/path/to/a/page?with=query&and=more"
        wrk.headers["Sec-Ch-Ua"] = '"Chromium";v="130", "Google Chrome";v="130", "Not?A_Brand";v="99"'
        wrk.headers["Sec-Fetch-Dest"] = "document"
        wrk.headers["Sec-Fetch-Mode"] = "navigate"
        wrk.headers["Sec-Fetch-Site"] = "same-origin"
        wrk.headers["Upgrade-Insecure-Requests"] = "1"
        wrk.headers["X-Forwarded-For"] = "203.0.113.7"
        """;

    private const string Post = """
        wrk.method = "POST"
        wrk.body = string.rep("x", 4096)
        wrk.headers["Content-Type"] = "application/octet-stream"
        """;

    public static Workload Small { get; } = new("small", "GET, 13 bytes", "/small", 13);

    public static Workload Headers { get; } = new("headers", "GET with 1 kB of headers, 13 bytes", "/small", 13, Browser);

    public static Workload Medium { get; } = new("10k", "GET, 10 kB", "/10k", 10_000);

    public static Workload Large { get; } = new("100k", "GET, 100 kB", "/100k", 100_000);

    public static Workload Upload { get; } = new("post", "POST of 4 kB, 3 bytes", "/post", 3, Post);

    public static IReadOnlyList<Workload> All { get; } = [Small, Headers, Medium, Large, Upload];
}
