using System.Collections.Immutable;
using System.Text;

namespace PaaS.Buildpacks.Tests;

/// <summary>Builds with buildpacks that are folders of scripts, written by a test.</summary>
internal sealed class ClassicScene : IAsyncDisposable
{
    private readonly BuildRig _rig;
    private readonly StringBuilder _output = new();
    private int _builds;

    private ClassicScene(BuildRig rig) => _rig = rig;

    public TempDirectory Temp => _rig.Temp;

    public AppId App => _rig.App;

    /// <summary>The operator's directory of buildpacks.</summary>
    public string Root => Temp["buildpacks"];

    /// <summary>All that builds have said so far.</summary>
    public string Output
    {
        get
        {
            lock (_output)
            {
                return _output.ToString();
            }
        }
    }

    public static async Task<ClassicScene> OpenAsync(bool sandboxed = true, Func<BuildOptions, BuildOptions>? options = null)
    {
        TempDirectory? temp = null;
        BuildOptions Options(BuildOptions given)
        {
            var root = Path.Combine(Path.GetDirectoryName(given.BuildsDirectory)!, "buildpacks");
            var chosen = given with { BuildpackRoots = [root], Environment = ImmutableDictionary<string, string>.Empty };
            return options?.Invoke(chosen) ?? chosen;
        }

        var rig = sandboxed ? await BuildRig.Sandboxed(options: Options) : new BuildRig(options: Options);
        temp = rig.Temp;
        Directory.CreateDirectory(temp["buildpacks"]);
        return new ClassicScene(rig);
    }

    /// <summary>Writes a buildpack; without a detect script it always applies.</summary>
    /// <returns>Its path.</returns>
    public string Buildpack(string name, string? compile = null, string? detect = null, string? release = null, string? report = null, params (string Path, string Content)[] files)
    {
        var directory = Path.Combine(Root, name);
        Write("bin/detect", detect ?? $"echo {name}");
        Write("bin/compile", compile ?? "true");
        Write("bin/release", release);
        Write("bin/report", report);
        Tree.Write(directory, files);
        return directory;

        void Write(string path, string? script)
        {
            if (script is not null)
            {
                // Without the executable bit, as archives lose it.
                Tree.Write(directory, (path, $"#!/usr/bin/env bash\n{script}\n"));
            }
        }
    }

    public Task<BuildResult> BuildAsync(TarBuilder source, params string[] buildpacks) => BuildAsync(source, null, CancellationToken.None, buildpacks);

    public async Task<BuildResult> BuildAsync(TarBuilder source, (string Name, string Value)[]? config, CancellationToken cancellationToken, params string[] buildpacks)
    {
        var vars = ConfigVars.Empty;
        if (config is not null)
        {
            Assert.True(ConfigPatch.TryCreate(config.Select(static v => KeyValuePair.Create<string, string?>(v.Name, v.Value)), out var patch, out var problem), problem);
            vars = vars.Apply(patch);
        }

        var request = new BuildRequest
        {
            App = App,
            AppName = AppName.Parse("shop"),
            UserId = _rig.UserId,
            // A build of what has not changed would not be made again.
            Source = source.File(".stamp" + ++_builds).Gzip(),
            Commit = "0123456789abcdef0123456789abcdef01234567",
            ConfigVars = vars,
            Settings = BuildSettings.Default with { Buildpacks = [.. buildpacks.Select(static b => BuildpackReference.Parse(b))] },
        };
        return await _rig.Builder.BuildAsync(request, new BuildOutput(Add), cancellationToken);
    }

    /// <summary>Builds, and unpacks the slug.</summary>
    public async Task<BuiltApp> SucceedAsync(TarBuilder source, (string Name, string Value)[]? config, params string[] buildpacks)
    {
        var result = await BuildAsync(source, config, CancellationToken.None, buildpacks);
        var built = result as BuildSucceeded ?? throw new Xunit.Sdk.XunitException($"{result}\n{Output}");
        AssertNothingLeft();
        return new BuiltApp(built.Slug, await _rig.UnpackAsync(built.Slug));
    }

    public Task<BuiltApp> SucceedAsync(TarBuilder source, params string[] buildpacks) => SucceedAsync(source, null, buildpacks);

    /// <summary>Builds, and gives the reason why it could not.</summary>
    public async Task<string> FailAsync(TarBuilder source, params string[] buildpacks)
    {
        var result = await BuildAsync(source, buildpacks);
        AssertNothingLeft();
        return result switch
        {
            BuildFailed failed => failed.Reason,
            BuildRejected rejected => rejected.Reason,
            _ => throw new Xunit.Sdk.XunitException($"{result}\n{Output}"),
        };
    }

    public void AssertNothingLeft() => _rig.AssertNothingLeft();

    public void AssertSaid(string text) => Assert.True(Output.Contains(text, StringComparison.Ordinal), $"'{text}' is not in:\n{Output}");

    public void AssertNotSaid(string text) => Assert.False(Output.Contains(text, StringComparison.Ordinal), $"'{text}' is in:\n{Output}");

    public ValueTask DisposeAsync() => _rig.DisposeAsync();

    private void Add(ReadOnlyMemory<byte> line)
    {
        lock (_output)
        {
            _output.Append(Encoding.UTF8.GetString(line.Span)).Append('\n');
        }
    }
}

/// <summary>A slug and its files.</summary>
internal sealed record BuiltApp(Slug Slug, string Directory)
{
    public string Read(string path) => File.ReadAllText(Path.Combine(Directory, path));
}
