using System.Globalization;
using PaaS.Core;
using PaaS.Hosting;

namespace PaaS.Benchmarks;

/// <summary>The figures of pushes: what the server's part costs beside git's own, and how long a push takes that changes little.</summary>
internal sealed class PushFigures(string root, int rounds, int files)
{
    private const string Usage = """
        dotnet run -c Release --project bench/PaaS.Benchmarks -- push [--rounds 15] [--files 500] [--only git|deploy] [--app samples/apps/nodejs]

          --rounds  pushes of each kind whose median is taken
          --files   files of the first push
          --only    git: the endpoint beside git http-backend. deploy: pushes of an app to a whole host
          --app     the app that is deployed
        """;

    public static async Task<int> RunAsync(string[] arguments)
    {
        var options = new Dictionary<string, string> { ["--rounds"] = "15", ["--files"] = "500", ["--only"] = string.Empty, ["--app"] = "samples/apps/nodejs" };
        for (var i = 0; i < arguments.Length; i += 2)
        {
            if (i + 1 == arguments.Length || !options.ContainsKey(arguments[i]))
            {
                await Console.Error.WriteLineAsync(Usage);
                return 2;
            }

            options[arguments[i]] = arguments[i + 1];
        }

        if (!int.TryParse(options["--rounds"], NumberStyles.None, CultureInfo.InvariantCulture, out var rounds) || !int.TryParse(options["--files"], NumberStyles.None, CultureInfo.InvariantCulture, out var files)
            || rounds is < 1 or > 1000 || files is < 1 or > 100_000 || options["--only"] is not ("" or "git" or "deploy") || !Directory.Exists(options["--app"]))
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        var root = Directory.CreateTempSubdirectory("paas-push-");

        // Builds' users have to get through.
        File.SetUnixFileMode(root.FullName, (UnixFileMode)0b111_001_001);
        try
        {
            var figures = new PushFigures(root.FullName, rounds, files);
            if (options["--only"] is "" or "git")
            {
                await figures.CompareAsync();
            }

            if (options["--only"] is "" or "deploy")
            {
                await figures.DeployAsync(Path.GetFullPath(options["--app"]));
            }
        }
        finally
        {
            root.Delete(recursive: true);
        }

        return 0;
    }

    private async Task CompareAsync()
    {
        await using var endpoint = await PushEndpoint.OpenAsync(Path.Combine(root, "ours"));
        var backend = new HttpBackend(Directory.CreateDirectory(Path.Combine(root, "backend")).FullName);
        await using var ours = await TimedServer.StartAsync(endpoint.Http.Map);
        await using var theirs = await TimedServer.StartAsync(backend.Map);
        List<double> firstOurs = [], firstTheirs = [], nextOurs = [], nextTheirs = [];

        // The first round only warms up. One server after the other in each round, in turns, so that both see the same machine.
        for (var round = 0; round <= rounds; round++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"app-{round}");
            await endpoint.MakeRepositoryAsync(name);
            backend.MakeRepository(name);
            var user = new GitUser(Path.Combine(root, name));
            user.CommitFiles(files, round);
            Both(user, name, round, firstOurs, firstTheirs);
            await File.AppendAllTextAsync(Path.Combine(user.Tree, "lib0", "file0.js"), "// one line more\n");
            user.Commit();
            Both(user, name, round, nextOurs, nextTheirs);
        }

        Compare(string.Create(CultureInfo.InvariantCulture, $"first push, {files} files"), firstOurs, firstTheirs);
        Compare("second push, 1 file", nextOurs, nextTheirs);

        void Both(GitUser user, string name, int round, List<double> oursTaken, List<double> theirsTaken)
        {
            (TimedServer Server, List<double> Taken)[] both = [(ours, oursTaken), (theirs, theirsTaken)];
            foreach (var (server, taken) in round % 2 == 0 ? both : both.Reverse())
            {
                server.Take();
                user.Push(new Uri(server.Address, name + ".git").ToString());
                var took = server.Take().TotalMilliseconds;
                if (round > 0)
                {
                    taken.Add(took);
                }
            }
        }
    }

    private async Task DeployAsync(string app)
    {
        await using var host = await DeployHost.StartAsync(root);
        List<double> cold = [], same = [], line = [];
        for (var round = 0; round < Math.Min(rounds, 5); round++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"figures-{round}");
            var url = await host.CreateAsync(name);
            var user = new GitUser(Path.Combine(root, name));
            user.CopyFrom(app);
            user.Commit();
            cold.Add(user.Push(url).TotalSeconds);
            user.Commit();
            same.Add(user.Push(url).TotalSeconds);
            await File.AppendAllTextAsync(Directory.EnumerateFiles(user.Tree, "*.js").Order(StringComparer.Ordinal).First(), "// one line more\n");
            user.Commit();
            line.Add(user.Push(url).TotalSeconds);
            await host.Platform.DestroyAppAsync(Platform.Operator, name);
        }

        Print("push, cold", $"{Median(cold):0.00} s", string.Empty);
        Print("push, nothing changed", $"{Median(same):0.00} s", $"target 2 s, ratio {Median(same) / 2:0.00}");
        Print("push, one line changed", $"{Median(line):0.00} s", $"{Median(line) / Median(cold):P0} of cold, target 20 %, ratio {Median(line) / Median(cold) / 0.2:0.00}");
    }

    private static void Compare(string what, List<double> ours, List<double> theirs)
    {
        var ratio = Median(ours) / Median(theirs);
        Print(what, $"{Median(ours):0.0} ms", $"git http-backend {Median(theirs):0.0} ms, {ratio:0.00}x, target 1.10x, ratio {ratio / 1.1:0.00}");
    }

    private static void Print(string what, string value, string more) => Console.WriteLine($"{what,-28} {value,12}  {more}");

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}
