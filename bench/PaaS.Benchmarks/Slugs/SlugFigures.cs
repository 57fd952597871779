using System.Diagnostics;
using System.Formats.Tar;
using System.Globalization;
using System.IO.Compression;
using PaaS.Buildpacks;
using PaaS.Core;

namespace PaaS.Benchmarks;

/// <summary>The figures of slugs: packing and unpacking a large tree, beside tar and gzip in the same run.</summary>
internal sealed class SlugFigures(SlugFigureOptions options, string work)
{
    private const string Usage = """
        dotnet run -c Release --project bench/PaaS.Benchmarks -- slugs [--files 45000] [--seed 1] [--rounds 3] [--tree DIR]

          --files   files of the tree that is made
          --seed    decides their content: the same seed, the same bytes
          --rounds  rounds whose medians are taken; every round does everything once
          --tree    a directory to copy instead of making a tree
        """;

    private readonly List<Row> _rows = [];

    private string Tree => Path.Combine(work, "tree");

    public static async Task<int> RunAsync(string[] arguments)
    {
        if (SlugFigureOptions.TryParse(arguments) is not { } options)
        {
            await Console.Error.WriteLineAsync(Usage);
            return 2;
        }

        if (options.Peak is { } directory)
        {
            await SlugArchive.WriteAsync(directory, Stream.Null);
            Console.WriteLine(File.ReadLines("/proc/self/status").Single(static l => l.StartsWith("VmHWM:", StringComparison.Ordinal)).Split(' ', StringSplitOptions.RemoveEmptyEntries)[1]);
            return 0;
        }

        var work = Directory.CreateTempSubdirectory("paas-slugs-").FullName;
        try
        {
            await new SlugFigures(options, work).RunAsync();
            return 0;
        }
        finally
        {
            Directory.Delete(work, recursive: true);
        }
    }

    private async Task RunAsync()
    {
        if (options.Tree is { } given)
        {
            await ToolAsync("cp", "-a", given, Tree);
        }
        else
        {
            SlugTree.Write(Tree, options.Files, options.Seed);
        }

        var files = Directory.GetFiles(Tree, "*", new EnumerationOptions { RecurseSubdirectories = true, AttributesToSkip = FileAttributes.ReparsePoint }).Order(StringComparer.Ordinal).ToArray();
        var bytes = files.Sum(static f => new FileInfo(f).Length);
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"{files.Length} files, {bytes / 1e6:0.0} MB ({options.Tree ?? $"made with seed {options.Seed}"}), {Environment.ProcessorCount} processors, {options.Rounds} rounds"));

        await WarmAsync();
        var together = new SlugArchiveOptions { CacheDirectory = Path.Combine(work, "together.blocks") };
        var apart = new SlugArchiveOptions { CacheDirectory = Path.Combine(work, "apart.blocks") };
        for (var round = 0; round < options.Rounds; round++)
        {
            await RoundAsync(round, files, together, apart);
        }

        Print();
        await PrintPeaksAsync(files);
    }

    /// <summary>A host that packs and unpacks has compiled its code long before.</summary>
    private async Task WarmAsync()
    {
        var tree = At("warm");
        SlugTree.Write(tree, 1000, options.Seed);
        for (var i = 0; i < 5; i++)
        {
            await PackAsync(tree, "warm.slug", new SlugArchiveOptions { CacheDirectory = At("warm.blocks"), CacheBytes = i % 2 == 0 ? 1 << 20 : 1 << 30 });
            await using var file = File.OpenRead(At("warm.slug"));
            await SourceArchive.ExtractAsync(file, At("unpacked"));
            Directory.Delete(At("unpacked"), recursive: true);
        }
    }

    private async Task RoundAsync(int round, string[] files, SlugArchiveOptions together, SlugArchiveOptions apart)
    {
        var random = new Random(options.Seed + round);
        await TimeAsync("tar czf", () => ToolAsync("tar", "-czf", At("tar.tgz"), "-C", Tree, "."), "tar.tgz");
        await TimeAsync(".NET TarFile and GZipStream", PackWithFrameworkAsync, "net.tgz");
        await TimeAsync("slug", () => PackAsync(Tree, "cold", new()), "cold");
        await TimeAsync("slug, on one processor", () => PackAsync(Tree, "one", new() { Processors = 1 }), "one");
        if (round == 0)
        {
            await PackAsync(Tree, "apart", apart);
            await TimeAsync("slug, first of a cache", () => PackAsync(Tree, "together", together), "together");
        }

        Change(files, random, together: true);
        await TimeAsync("slug, 1 % of the files changed, side by side", () => PackAsync(Tree, "together", together), "together");
        Change(files, random, together: false);
        await TimeAsync("slug, 1 % of the files changed, all over", () => PackAsync(Tree, "apart", apart), "apart");
        await TimeAsync("slug, nothing changed", () => PackAsync(Tree, "same", apart), "same");
        await TimeAsync("tar c | zstd -3", () => ToolAsync("tar", "-I", "zstd -3", "-cf", At("tar.zst"), "-C", Tree, "."), "tar.zst");
        await TimeAsync("slug, zstd", () => PackAsync(Tree, "zstd", new() { Format = SlugFormat.Zstd }), "zstd");

        var store = new DirectorySlugStore(At("store"));
        var gzip = await StoreAsync(store, "same");
        var zstd = await StoreAsync(store, "zstd");
        await UnpackAsync("tar xzf of a slug", target => ToolAsync("tar", "-xzf", At("same"), "-C", Directory.CreateDirectory(target).FullName));
        await UnpackAsync("unpacked slug", async target => await new SlugUnpacker(store).UnpackAsync(gzip, target));
        await UnpackAsync("unpacked slug, without its digest's check", async target =>
        {
            await using var file = File.OpenRead(At("same"));
            await SourceArchive.ExtractAsync(file, target, new SourceLimits { TotalBytes = long.MaxValue, Entries = int.MaxValue });
        });
        await UnpackAsync("unpacked slug, zstd", async target => await new SlugUnpacker(store).UnpackAsync(zstd, target));
        while (_unpacked > 0)
        {
            await ToolAsync("rm", "-rf", At($"unpacked-{--_unpacked}"));
        }
    }

    private string At(string name) => Path.Combine(work, name);

    /// <summary>A line more in one file of a hundred: of neighbours in a few places, as an upgraded package has them, or here and there.</summary>
    private static void Change(string[] files, Random random, bool together)
    {
        var left = files.Length / 100;
        while (left > 0)
        {
            var first = random.Next(files.Length);
            var count = together ? Math.Min(left, 60) : 1;
            foreach (var file in files.Skip(first).Take(count))
            {
                File.AppendAllText(file, string.Create(CultureInfo.InvariantCulture, $"// {random.Next()}\n"));
                left--;
            }
        }
    }

    private async Task PackAsync(string tree, string name, SlugArchiveOptions how)
    {
        await using var file = new HashedFile(At(name));
        var packed = await SlugArchive.WriteAsync(tree, file, how);
        _ = file.Digest;
        _note = packed.CachedBlocks > 0 ? string.Create(CultureInfo.InvariantCulture, $"{packed.CachedBlocks} of {packed.Blocks} blocks") : null;
    }

    private string? _note;
    private int _unpacked;

    private async Task PackWithFrameworkAsync()
    {
        await using var file = new HashedFile(At("net.tgz"));
        await using var gzip = new GZipStream(file, CompressionLevel.Optimal);
        await TarFile.CreateFromDirectoryAsync(Tree, gzip, includeBaseDirectory: false);
    }

    private async Task<SlugId> StoreAsync(DirectorySlugStore store, string name)
    {
        await using var file = File.OpenRead(At(name));
        return (await store.PutAsync(file)).Id;
    }

    private async Task UnpackAsync(string name, Func<string, Task> unpack)
    {
        // What is still to be written or removed on disk is not this one's cost.
        await ToolAsync("sync");
        await TimeAsync(name, () => unpack(At($"unpacked-{_unpacked++}")), null);
    }

    private async Task TimeAsync(string name, Func<Task> work, string? result)
    {
        _note = null;
        var cost = await Cost.OfAsync(work);
        var row = _rows.Find(r => r.Name == name);
        if (row is null)
        {
            _rows.Add(row = new Row(name));
        }

        row.Costs.Add(cost);
        row.Size = result is null ? 0 : new FileInfo(At(result)).Length;
        row.Note = _note;
        await Console.Error.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{name}: {cost.Wall.TotalSeconds:0.00} s, CPU {cost.Processor.TotalSeconds:0.00} s"));
    }

    private static async Task ToolAsync(string program, params string[] arguments)
    {
        using var process = Process.Start(program, arguments);
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{program} {string.Join(' ', arguments)} ended with {process.ExitCode}.");
        }
    }

    private void Print()
    {
        Console.WriteLine();
        Console.WriteLine("| way | wall s | CPU s | size MB | wall ratio | CPU ratio | size ratio | |");
        Console.WriteLine("|---|---|---|---|---|---|---|---|");
        var peer = _rows[0];
        foreach (var row in _rows)
        {
            peer = row.Name == "tar xzf of a slug" ? row : peer;
            Console.WriteLine(string.Create(
                CultureInfo.InvariantCulture,
                $"| {row.Name} | {row.Wall:0.00} | {row.Processor:0.00} | {(row.Size > 0 ? (row.Size / 1e6).ToString("0.00", CultureInfo.InvariantCulture) : "")} | {row.Wall / peer.Wall:0.00} | {row.Processor / peer.Processor:0.00} | {(row.Size > 0 ? ((double)row.Size / peer.Size).ToString("0.000", CultureInfo.InvariantCulture) : "")} | {row.Note} |"));
        }
    }

    /// <summary>In processes of their own: a peak is one of a whole process.</summary>
    private async Task PrintPeaksAsync(string[] files)
    {
        var part = Path.Combine(work, "quarter");
        foreach (var file in files.Where(static (_, i) => i % 4 == 0))
        {
            var copy = Path.Combine(part, Path.GetRelativePath(Tree, file));
            Directory.CreateDirectory(Path.GetDirectoryName(copy)!);
            File.Copy(file, copy);
        }

        var (quarter, all) = (await PeakAsync(part), await PeakAsync(Tree));
        Console.WriteLine();
        Console.WriteLine(string.Create(CultureInfo.InvariantCulture, $"peak memory of a process that packs: {quarter:0.0} MB of a quarter of the files, {all:0.0} MB of all"));
    }

    private static async Task<double> PeakAsync(string tree)
    {
        var start = new ProcessStartInfo(Environment.ProcessPath!) { RedirectStandardOutput = true };
        foreach (var argument in Path.GetFileNameWithoutExtension(Environment.ProcessPath!) == "dotnet" ? [typeof(SlugFigures).Assembly.Location, "slugs", "--peak", tree] : (string[])["slugs", "--peak", tree])
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var text = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return int.Parse(text, CultureInfo.InvariantCulture) * 1024 / 1e6;
    }

    private sealed class Row(string name)
    {
        public string Name => name;

        public List<Cost> Costs { get; } = [];

        public long Size { get; set; }

        public string? Note { get; set; }

        public double Wall => Median(static c => c.Wall);

        public double Processor => Median(static c => c.Processor);

        private double Median(Func<Cost, TimeSpan> of) => Costs.Select(of).Order().ElementAt(Costs.Count / 2).TotalSeconds;
    }
}
