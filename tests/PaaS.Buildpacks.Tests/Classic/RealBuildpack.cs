using System.Collections.Immutable;

namespace PaaS.Buildpacks.Tests;

/// <summary>A published buildpack, an app for it, and what it must make of the app.</summary>
internal sealed record RealBuildpack(string Url, string DisplayName, Func<string, TarBuilder> Source)
{
    private static readonly ImmutableArray<string> Apt = ["/etc/apt", "/var/lib/dpkg"];

    /// <summary>The clone's folder.</summary>
    public string Name => Url[(Url.LastIndexOf('/') + 1)..^4];

    public Func<string, (string Name, string Value)[]> Config { get; init; } = static _ => [];

    /// <summary>Files of the slug and a part of what they hold.</summary>
    public (string Path, string Content)[] Made { get; init; } = [];

    public string[] Said { get; init; } = [];

    /// <summary>The slug's process types.</summary>
    public string Types { get; init; } = "";

    /// <summary>What it needs to see of the machine.</summary>
    public ImmutableArray<string> Machine { get; init; } = [];

    /// <summary>A compile script of a buildpack that runs before it, by the folder of the test's own files.</summary>
    public Func<string, string>? Before { get; init; }

    public static IReadOnlyList<RealBuildpack> All { get; } =
    [
        new("https://github.com/heroku/heroku-buildpack-hello.git", "HelloFramework", static _ => App(("hello.txt", "Hello world")))
        {
            Made = [("goodbye.txt", "Goodbye world")],
            Types = "hello: cat hello.txt",
        },
        new("https://github.com/heroku/heroku-buildpack-c.git", "C", static _ => App(("Makefile", "all:\n\techo made >made\n"), ("Procfile", "web: ./made\n")))
        {
            Made = [("made", "made")],
            Said = ["-----> Compiling with Make\n"],
            Types = "web: ./made",
        },
        new("https://github.com/dokku/heroku-buildpack-null.git", "null", static _ => App((".null", ""), ("Procfile", "web: x\n"))) { Types = "web: x" },
        new("https://github.com/weibeld/heroku-buildpack-run.git", "Run", static _ => App(("run.sh", "echo \"$GREETING\" >greeting\n")))
        {
            Config = static _ => [("BUILDPACK_RUN", "bash run.sh"), ("BUILDPACK_RUN_LOAD_CONFIG", "1"), ("GREETING", "hello there")],
            Made = [("greeting", "hello there")],
        },
        new("https://github.com/timanovsky/subdir-heroku-buildpack.git", "Subdir buildpack", static _ => App(("apps/web/Procfile", "web: inner\n"), ("other/x", "")))
        {
            Config = static _ => [("PROJECT_PATH", "apps/web")],
            Types = "web: inner",
        },
        new("https://github.com/lstoll/heroku-buildpack-monorepo.git", "Monorepo", static _ => App(("apps/web/Procfile", "web: inner\n"), ("other/x", "")))
        {
            Config = static _ => [("APP_BASE", "apps/web")],
            Types = "web: inner",
        },
        new("https://github.com/niteoweb/heroku-buildpack-shell.git", "Niteoweb Shell", static _ => App((".heroku/run.sh", "echo \"$PWD\" >made\n"))) { Made = [("made", "/app")] },
        new(
            "https://github.com/heroku/heroku-buildpack-inline.git",
            "Inner",
            static _ => App(
                ("bin/detect", "#!/bin/sh\necho Inner\n"),
                ("bin/compile", "#!/bin/sh\necho $# >\"$1/made\"\n"),
                ("bin/release", "#!/bin/sh\necho 'default_process_types: {web: inner}'\n")))
        {
            Made = [("made", "3")],
            Types = "web: inner",
        },
        new(
            "https://github.com/heroku/heroku-buildpack-multi.git",
            "Multipack",
            static root => App(
                (".buildpacks", $"{RealBuildpackTests.Owned(root, "heroku-buildpack-null")}\n{RealBuildpackTests.Owned(root, "heroku-buildpack-c")}#HEAD\n{RealBuildpackTests.Owned(root, "heroku-buildpack-hello")}\n"),
                ("hello.txt", "Hello"),
                ("null", ""),
                ("Makefile", "all:\n\techo made >made\n")))
        {
            Made = [("made", "made"), ("goodbye.txt", "Goodbye")],
            Said = ["=====> Detected Framework: null\n", "=====> Detected Framework: C\n", "=====> Detected Framework: HelloFramework\n"],
            Types = "hello: cat hello.txt",
        },
        new("https://github.com/gunpowderlabs/buildpack-ruby-rake-deploy-tasks.git", "Rake", static _ => App(("Rakefile", "task(:made) { File.write('made', ENV['WORD']) }\n")))
        {
            Config = static _ => [("DEPLOY_TASKS", "made"), ("WORD", "by rake")],
            Made = [("made", "by rake")],
        },
        new("https://github.com/heroku/heroku-buildpack-pgbouncer.git", "pgbouncer", static _ => App(("Procfile", "web: bin/start-pgbouncer app\n")))
        {
            Made = [("bin/gen-pgbouncer-conf.sh", "pgbouncer")],
            Said = ["Installed pgbouncer "],
            Types = "web: bin/start-pgbouncer app",
        },
        new("https://github.com/heroku/heroku-buildpack-nginx.git", "nginx-buildpack", static _ => App(("Procfile", "web: bin/start-nginx-static\n")))
        {
            Made = [("bin/start-nginx", "nginx"), ("config/mime.types", "text/html")],
            Said = ["Installed nginx/"],
            Types = "web: bin/start-nginx-static",
        },
        new("https://github.com/heroku/heroku-buildpack-apt.git", "Apt", static _ => App(("Aptfile", "hello\n"), ("Procfile", "web: hello\n")))
        {
            Machine = Apt,
            Made = [(".profile.d/000_apt.sh", ".apt/usr/bin")],
            Said = ["-----> Installing hello_"],
            Types = "web: hello",
        },
        new(
            "https://github.com/heroku/heroku-buildpack-go.git",
            "Go",
            static _ => App(("go.mod", "module example.com/hi\n\ngo 1.19\n"), ("main.go", "package main\n\nfunc main() { println(\"hi\") }\n")))
        {
            // The Go that it would download, in the place where it looks for it first.
            Before = static _ => """mkdir -p "$2/.heroku/go/go1.19.13" && ln -s /usr/lib/go-1.19 "$2/.heroku/go/go1.19.13/go" """,
            Made = [("bin/hi", "hi")],
            Types = "web: bin/hi",
        },
        new(
            "https://github.com/heroku/heroku-buildpack-nodejs.git",
            "Node.js",
            static _ => App(
                ("package.json", """{"name": "x", "version": "1.0.0", "engines": {"node": "20.x"}, "scripts": {"build": "node -e \"require('fs').writeFileSync('made', process.version)\""}}"""),
                ("package-lock.json", """{"name": "x", "version": "1.0.0", "lockfileVersion": 3, "requires": true, "packages": {"": {"name": "x", "version": "1.0.0"}}}""")))
        {
            // The machine's own Node.js, packed as the archive that it would download.
            Config = static root => [("NODE_BINARY_URL", $"file://{PackNode(root)}")],
            Made = [("made", "v")],
            Types = "web: npm start",
        },
    ];

    private static TarBuilder App(params (string Path, string Content)[] files)
    {
        var tar = new TarBuilder();
        foreach (var (path, content) in files)
        {
            tar.File(path, content, path.StartsWith("bin/", StringComparison.Ordinal) ? 0b111_101_101 : 0b110_100_100);
        }

        return tar;
    }

    private static string PackNode(string root)
    {
        var tree = Path.Combine(root, "node", "node-local");
        var node = ((string[])["/usr/local/bin/node", "/usr/bin/node"]).First(File.Exists);
        Directory.CreateDirectory(Path.Combine(tree, "bin"));
        Directory.CreateDirectory(Path.Combine(tree, "lib", "node_modules"));
        File.Copy(node, Path.Combine(tree, "bin", "node"));
        var npm = File.ResolveLinkTarget(Path.Combine(Path.GetDirectoryName(node)!, "npm"), returnFinalTarget: true)!.FullName;
        RealBuildpackTests.Run("cp", "-r", Path.GetFullPath(Path.Combine(npm, "..", "..")), Path.Combine(tree, "lib", "node_modules", "npm"));
        File.CreateSymbolicLink(Path.Combine(tree, "bin", "npm"), "../lib/node_modules/npm/bin/npm-cli.js");
        File.CreateSymbolicLink(Path.Combine(tree, "bin", "npx"), "../lib/node_modules/npm/bin/npx-cli.js");
        RealBuildpackTests.Run("tar", "-C", Path.GetDirectoryName(tree)!, "-czf", Path.Combine(root, "node.tar.gz"), "node-local");
        return Path.Combine(root, "node.tar.gz");
    }
}
