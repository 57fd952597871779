using System.Text;
using System.Text.RegularExpressions;

namespace PaaS.Buildpacks;

/// <summary>
/// Writes nginx's configuration for a static site. <c>@HOME@</c>, <c>@PORT@</c> and <c>@RUN@</c> are for <c>bin/boot</c> to
/// replace: they are known when a dyno starts.
/// </summary>
internal static class StaticConfiguration
{
    /// <summary>The configuration.</summary>
    /// <param name="site">What the app's static.json says.</param>
    /// <param name="root">The directory that is served; <c>.</c> is the app's own.</param>
    /// <param name="errorPage">The page for what is not found, if there is one.</param>
    public static string Write(StaticSite site, string root, string? errorPage)
    {
        var text = new StringBuilder();
        _ = text.Append("daemon off;\npid \"@RUN@/nginx.pid\";\nerror_log stderr;\nworker_processes 1;\nevents { worker_connections 4096; }\nhttp {\n    include \"@HOME@/")
            .Append(Nginx.TypesFile).Append("\";\n").Append(Nginx.Http)
            .Append("    gzip_static on;\n    geo $dollar { default \"$\"; }\n");
        foreach (var directory in (string[])["client_body", "proxy", "fastcgi", "uwsgi", "scgi"])
        {
            _ = text.Append("    ").Append(directory).Append("_temp_path \"@RUN@/").Append(directory).Append("\";\n");
        }

        AddHeaderMaps(text, site);
        _ = text.Append("    server {\n        listen @PORT@;\n        root \"@HOME@").Append(root == "." ? string.Empty : "/" + Escaped(root)).Append("\";\n        index index.html index.htm;\n")
            .Append("        charset ").Append(Nginx.Quoted(site.Encoding)).Append(";\n        charset_types text/css text/javascript text/plain text/xml text/csv application/json application/manifest+json;\n");
        AddAccess(text, site, root);
        AddRedirects(text, site);
        AddLocations(text, site, errorPage);
        return text.Append("    }\n}\n").ToString();
    }

    /// <summary>A pattern of static.json as a regular expression: <c>**</c> is anything, <c>*</c> anything without a slash.</summary>
    public static string Pattern(string glob) =>
        $"^{string.Join(".*", glob.Split("**").Select(static part => string.Join("[^/]*", part.Split('*').Select(Literal))))}$";

    private static string Literal(string text) => Regex.Escape(text).Replace("\\ ", "\\x20", StringComparison.Ordinal).Replace("\\#", "#", StringComparison.Ordinal);

    private static string Escaped(string path) => Nginx.Quoted(path)[1..^1];

    private static string Rooted(string path) => path.StartsWith('/') ? path : "/" + path;

    /// <summary>nginx takes the first pattern that matches, static.json means the last.</summary>
    private static void AddHeaderMaps(StringBuilder text, StaticSite site)
    {
        _ = text.Append("    map $sent_http_content_type $site_cache { default \"\"; ~^text/html no-cache; }\n");
        _ = text.Append("    map $http_x_forwarded_proto $site_scheme { default http; https https; }\n");
        var names = Names(site);
        for (var i = 0; i < names.Count; i++)
        {
            _ = text.Append("    map $uri $site_header_").Append(i).Append(" {\n        default ")
                .Append(IsCacheControl(names[i]) ? "$site_cache" : "\"\"").Append(";\n");
            foreach (var (pattern, _, value) in site.Headers.Reverse().Where(h => string.Equals(h.Name, names[i], StringComparison.OrdinalIgnoreCase)).DistinctBy(static h => h.Pattern))
            {
                _ = text.Append("        ").Append(Nginx.QuotedPattern("~" + Pattern(pattern))).Append(' ').Append(Nginx.Quoted(value)).Append(";\n");
            }

            _ = text.Append("    }\n");
        }
    }

    private static List<string> Names(StaticSite site) => [.. site.Headers.Select(static h => h.Name).Distinct(StringComparer.OrdinalIgnoreCase)];

    private static bool IsCacheControl(string name) => name.Equals("Cache-Control", StringComparison.OrdinalIgnoreCase);

    private static void AddAccess(StringBuilder text, StaticSite site, string root)
    {
        var names = Names(site);
        for (var i = 0; i < names.Count; i++)
        {
            _ = text.Append("        add_header ").Append(Nginx.Quoted(names[i])).Append(" $site_header_").Append(i).Append(" always;\n");
        }

        if (!names.Exists(IsCacheControl))
        {
            // A page that may be cached must be asked about again: the names of what it loads change with a deploy.
            _ = text.Append("        add_header Cache-Control $site_cache;\n");
        }

        if (site.CanonicalHost is { } host)
        {
            // $host has no port, and is in lower case: compared with anything else it would differ for ever.
            _ = text.Append("        if ($host != ").Append(Nginx.Quoted(host.Split(':')[0].ToLowerInvariant())).Append(") { return 301 ").Append(site.HttpsOnly ? "https" : "$site_scheme")
                .Append("://").Append(host).Append("$request_uri; }\n");
        }

        if (site.HttpsOnly)
        {
            _ = text.Append("        if ($http_x_forwarded_proto != \"https\") { return 301 https://$host$request_uri; }\n");
        }

        if (site.BasicAuth)
        {
            _ = text.Append("        auth_basic \"Restricted\";\n        auth_basic_user_file \"@RUN@/users\";\n");
        }

        // What is committed beside the pages is no page.
        _ = text.Append("        location ~ /\\.(?!well-known(?:/|$)) { return 404; }\n");
        if (root == ".")
        {
            _ = text.Append("        location ~ ^/(?:static\\.json|app\\.json|Procfile|bin/boot|package(?:-lock)?\\.json|node_modules/.*)$ { return 404; }\n");
        }
    }

    private static void AddRedirects(StringBuilder text, StaticSite site)
    {
        foreach (var (path, url, status) in site.Redirects.DistinctBy(static r => r.Path))
        {
            _ = text.Append("        location ").Append(path.Contains('*', StringComparison.Ordinal) ? "~ " + Nginx.QuotedPattern(Pattern(Rooted(path))) : "= " + Nginx.Quoted(Rooted(path)))
                .Append(" { return ").Append(status).Append(' ').Append(Nginx.Quoted(url)).Append("; }\n");
        }
    }

    private static void AddLocations(StringBuilder text, StaticSite site, string? errorPage)
    {
        if (errorPage is not null)
        {
            _ = text.Append("        error_page 404 ").Append(Nginx.Quoted(Rooted(errorPage))).Append(";\n");
        }

        var clean = site.CleanUrls ? " $uri.html" : string.Empty;
        foreach (var (pattern, file) in site.Routes.DistinctBy(static r => r.Pattern))
        {
            _ = text.Append("        location ~ ").Append(Nginx.QuotedPattern(Pattern(Rooted(pattern)))).Append(" { try_files $uri").Append(clean).Append(" $uri/index.html ")
                .Append(Nginx.Quoted(Rooted(file))).Append(" =404; }\n");
        }

        _ = text.Append("        location / { try_files $uri").Append(clean).Append(" $uri/ =404; }\n");
    }
}
