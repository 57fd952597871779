using System.Globalization;
using PaaS.Core;
using PaaS.Hosting;

namespace PaaS.Benchmarks;

/// <summary>What each sample app costs to build and to run, as a table for the documentation.</summary>
internal sealed class LanguageFigures(string root)
{
    private const string Usage = """
        dotnet run -c Release --project bench/PaaS.Benchmarks -- languages [--apps samples/apps] [--only NAME]

          --apps  the directory of the apps
          --only  one of them
        """;

    /// <summary>The file of each app that gets another line.</summary>
    private static readonly string[] Changed =
        ["server.js", "app.rb", "app.py", "manage.py", "main.go", "Program.cs", "config/routes.rb", "public/index.php", "public/index.html", "src/main.js", "src/main/java/sample/Main.java", "src/main/scala/sample/Main.scala", "src/sample/core.clj"];

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Dictionary<string, string> { ["--apps"] = "samples/apps", ["--only"] = string.Empty };
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || !options.ContainsKey(arguments[i]))
            {
                await Console.Error.WriteLineAsync(Usage);
                return 2;
            }

            options[arguments[i]] = arguments[i + 1];
        }

        if (!Directory.Exists(options["--apps"]))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        var root = Directory.CreateTempSubdirectory("paas-languages-");

        // Builds' users have to get through.
        File.SetUnixFileMode(root.FullName, (UnixFileMode)0b111_001_001);
        try
        {
            var apps = Directory.EnumerateDirectories(Path.GetFullPath(options["--apps"])).Order(StringComparer.Ordinal).Where(path => options["--only"] is "" || Path.GetFileName(path) == options["--only"]);
            await new LanguageFigures(root.FullName).RunAsync(apps);
        }
        finally
        {
            root.Delete(recursive: true);
        }

        return 0;
    }

    private async Task RunAsync(IEnumerable<string> apps)
    {
        await using var host = await DeployHost.StartAsync(root, static o =>
        {
            o.Builds = o.Builds with { Packages = o.Builds.Packages with { Offline = true } };
        });
        Console.WriteLine("| app | build, cold (s) | one line changed (s) | nothing changed (s) | slug (kB) | boot (s) | memory (MB) |");
        Console.WriteLine("|---|--:|--:|--:|--:|--:|--:|");
        foreach (var app in apps)
        {
            await MeasureAsync(host, app);
        }
    }

    private async Task MeasureAsync(DeployHost host, string directory)
    {
        var name = Path.GetFileName(directory);
        var url = await host.CreateAsync(name);

        // Dynos of the app before may still be ending.
        var earlier = ProcessTable.BelowThis();
        var user = new GitUser(Path.Combine(root, name));
        user.CopyFrom(directory);
        user.Commit();
        var cold = user.Push(url).TotalSeconds;
        var file = Changed.Select(path => Path.Combine(user.Tree, path)).First(File.Exists);
        await File.AppendAllTextAsync(file, "\n");
        user.Commit();
        var warm = user.Push(url).TotalSeconds;
        user.Commit();
        var same = user.Push(url).TotalSeconds;
        var app = Take(host.Platform.FindApp(Platform.Operator, name));
        var slug = app.Releases.Select(static release => release.Cause).OfType<ReleaseCause.Deploy>().Last().Slug;
        var boot = await BootAsync(Take(host.Platform.OpenLog(Platform.Operator, name)));
        var running = ProcessTable.BelowThis();
        var memory = ProcessTable.PssOf(process => running(process) && !earlier(process));
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"| {name} | {cold:0.0} | {warm:0.0} | {same:0.0} | {slug.Size / 1e3:0} | {boot.TotalSeconds:0.0} | {memory / 1e6:0} |"));
        await host.Platform.DestroyAppAsync(Platform.Operator, name);
    }

    /// <summary>From its start until it listened, for the dyno that was started last.</summary>
    private static async Task<TimeSpan> BootAsync(LogStream log)
    {
        DateTimeOffset started = default;
        var boot = TimeSpan.Zero;
        await foreach (var line in log.TailAsync(new LogTail { Lines = 1500, Source = LogSource.Heroku, Process = "web.1" }))
        {
            if (line.Message.StartsWith("Starting process", StringComparison.Ordinal))
            {
                started = line.Time;
            }
            else if (line.Message == "State changed from starting to up")
            {
                boot = line.Time - started;
            }
        }

        return boot;
    }

    private static T Take<T>(Outcome<T> outcome) where T : class =>
        outcome.TryGet(out var value, out var refusal) ? value : throw new InvalidOperationException(refusal.Message);
}
