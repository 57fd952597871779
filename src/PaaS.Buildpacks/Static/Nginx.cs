namespace PaaS.Buildpacks;

/// <summary>What the buildpacks whose apps are served by the machine's nginx have in common.</summary>
internal static class Nginx
{
    /// <summary>Where the types go in an app; a dyno doesn't see the machine's own.</summary>
    public const string TypesFile = ".heroku/nginx/mime.types";

    /// <summary>What the web serves, by extension (IANA's names).</summary>
    public const string Types = """
        types {
            text/html                             html htm shtml;
            text/css                              css;
            text/javascript                       js mjs cjs;
            text/plain                            txt text log md;
            text/xml                              xml xsd;
            text/csv                              csv;
            text/calendar                         ics;
            text/vcard                            vcf;
            text/vtt                              vtt;
            application/json                      json map;
            application/ld+json                   jsonld;
            application/geo+json                  geojson;
            application/manifest+json             webmanifest;
            application/atom+xml                  atom;
            application/rss+xml                   rss;
            application/xhtml+xml                 xhtml;
            application/wasm                      wasm;
            application/pdf                       pdf;
            application/rtf                       rtf;
            application/epub+zip                  epub;
            application/zip                       zip;
            application/gzip                      gz tgz;
            application/x-bzip2                   bz2;
            application/x-xz                      xz;
            application/zstd                      zst;
            application/x-tar                     tar;
            application/x-7z-compressed           7z;
            application/java-archive              jar war;
            application/msword                    doc;
            application/vnd.ms-excel              xls;
            application/vnd.ms-powerpoint         ppt;
            application/vnd.openxmlformats-officedocument.wordprocessingml.document   docx;
            application/vnd.openxmlformats-officedocument.spreadsheetml.sheet         xlsx;
            application/vnd.openxmlformats-officedocument.presentationml.presentation pptx;
            application/vnd.oasis.opendocument.text        odt;
            application/vnd.oasis.opendocument.spreadsheet ods;
            font/woff2                            woff2;
            font/woff                             woff;
            font/ttf                              ttf;
            font/otf                              otf;
            application/vnd.ms-fontobject         eot;
            image/svg+xml                         svg svgz;
            image/png                             png;
            image/jpeg                            jpg jpeg;
            image/gif                             gif;
            image/webp                            webp;
            image/avif                            avif;
            image/apng                            apng;
            image/bmp                             bmp;
            image/tiff                            tif tiff;
            image/x-icon                          ico;
            audio/mpeg                            mp3;
            audio/mp4                             m4a;
            audio/ogg                             oga ogg opus;
            audio/wav                             wav;
            audio/flac                            flac;
            audio/midi                            mid midi;
            video/mp4                             mp4 m4v;
            video/webm                            webm;
            video/ogg                             ogv;
            video/quicktime                       mov;
            video/mp2t                            ts;
            application/vnd.apple.mpegurl         m3u8;
            application/dash+xml                  mpd;
        }

        """;

    /// <summary>Settings of <c>http</c> that hold for every app. No access log: the router writes one line for each request.</summary>
    public const string Http = """
            default_type application/octet-stream;
            access_log off;
            server_tokens off;
            sendfile on;
            tcp_nopush on;
            keepalive_timeout 95s;
            absolute_redirect off;
            gzip on;
            gzip_comp_level 5;
            gzip_min_length 256;
            gzip_proxied any;
            gzip_vary on;
            gzip_types text/css text/javascript text/plain text/xml text/csv text/vtt text/calendar application/json application/ld+json
                application/geo+json application/manifest+json application/atom+xml application/rss+xml application/xhtml+xml
                application/wasm application/vnd.ms-fontobject font/ttf font/otf image/svg+xml image/bmp image/x-icon;

        """;

    /// <summary>Whether the machine has it; Debian puts it where no build's PATH leads.</summary>
    public static bool IsInstalled(BuildContext context) => context.FindProgram("nginx") is not null || File.Exists("/usr/sbin/nginx");

    /// <summary>A value between quotes. Nginx has no way to write a dollar sign, but the variable <c>$dollar</c> can hold one.</summary>
    public static string Quoted(string value) =>
        $"\"{value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("\"", "\\\"", StringComparison.Ordinal).Replace("$", "${dollar}", StringComparison.Ordinal)}\"";

    /// <summary>A regular expression between quotes; in one, a dollar sign stands for itself.</summary>
    public static string QuotedPattern(string pattern) =>
        $"\"{pattern.Replace("\"", "\\\"", StringComparison.Ordinal)}\"";
}
