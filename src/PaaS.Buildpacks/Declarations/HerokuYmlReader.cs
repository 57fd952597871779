using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Reads the text of a <c>heroku.yml</c>.</summary>
internal sealed class HerokuYmlReader
{
    private readonly List<FileDiagnostic> _diagnostics = [];

    private HerokuYmlReader()
    {
    }

    /// <summary>Reads a text. What is wrong with it is in the diagnostics.</summary>
    public static HerokuYml Read(string text)
    {
        var reader = new HerokuYmlReader();
        HerokuYml yml;
        try
        {
            yml = reader.Document(YamlText.Read(text));
        }
        catch (InvalidDataException e)
        {
            (yml, _) = (new HerokuYml(), reader.Error($"{HerokuYml.Name}, {e.Message}"));
        }

        return yml with { Diagnostics = [.. reader._diagnostics] };
    }

    private HerokuYml Document(YamlValue? value)
    {
        var yml = new HerokuYml();
        foreach (var (name, section) in Entries(value, "the file"))
        {
            yml = name.Text switch
            {
                "build" => Build(yml, section),
                "release" => yml with { ReleaseCommand = Release(section) },
                "run" => yml with { Run = Run(section) },
                "setup" => Passed(yml, name, "setup is passed over: add-ons and config vars are not made from it. Make them with 'heroku addons:create' and 'heroku config:set'"),
                _ => Unknown(yml, name, "the file"),
            };
        }

        return yml;
    }

    private HerokuYml Build(HerokuYml yml, YamlValue section)
    {
        foreach (var (name, value) in Entries(section, "build"))
        {
            yml = name.Text switch
            {
                "docker" => value.IsNull ? yml : yml with { DockerLine = name.Line },
                "buildpacks" => yml with { Buildpacks = Buildpacks(value) },
                "config" => yml with { Config = Config(value) },
                _ => Unknown(yml, name, "build"),
            };
        }

        return yml;
    }

    private ImmutableArray<BuildpackReference> Buildpacks(YamlValue value)
    {
        var found = ImmutableArray.CreateBuilder<BuildpackReference>();
        foreach (var item in Items(value))
        {
            if (item is not YamlScalar scalar)
            {
                Error(item, "build.buildpacks is a list of names and addresses, such as '- heroku/nodejs'");
            }
            else if (BuildpackReference.TryParse(scalar.Text, null, out var reference))
            {
                found.Add(reference);
            }
            else
            {
                Error(item, $"'{TreeName.Shown(scalar.Text)}' names no buildpack. Write a name such as heroku/nodejs, or the https address of a git repository or of a .tgz");
            }
        }

        return found.ToImmutable();
    }

    private ConfigPatch Config(YamlValue value)
    {
        var patch = ConfigPatch.Empty;
        foreach (var (name, item) in Entries(value, "build.config"))
        {
            if (item is not YamlScalar scalar)
            {
                Error(item, $"build.config.{TreeName.Shown(name.Text)} must be a text");
            }
            else if (ConfigPatch.TryCreate([new(name.Text, scalar.IsNull ? string.Empty : scalar.Text)], out var one, out var problem))
            {
                patch = patch.Then(one);
            }
            else
            {
                Error(name, $"build.config: {problem}");
            }
        }

        return patch;
    }

    private string? Release(YamlValue section)
    {
        string? command = null;
        foreach (var (name, value) in Entries(section, "release"))
        {
            switch (name.Text)
            {
                case "command":
                    command = Command(value, "release.command");
                    break;
                case "image":
                    Warn(name, "release.image is passed over: the release command runs in the app's slug");
                    break;
                default:
                    Unknown(name, "release");
                    break;
            }
        }

        return command;
    }

    private ImmutableSortedDictionary<ProcessType, string> Run(YamlValue section)
    {
        var types = ImmutableSortedDictionary.CreateBuilder<ProcessType, string>();
        foreach (var (name, value) in Entries(section, "run"))
        {
            if (!ProcessType.TryParse(name.Text, null, out var type))
            {
                Error(name, $"run: '{TreeName.Shown(name.Text)}' is no process type; it has 1 to {ProcessType.MaxLength} letters, digits, '_' and '-'");
            }
            else if (type == ProcessType.Release)
            {
                Error(name, "run.release: the release command is in a section of its own; write 'release:' and 'command:' below it, at the top level");
            }
            else if (Process(value, type) is { } command)
            {
                types[type] = command;
            }
        }

        return types.ToImmutable();
    }

    private string? Process(YamlValue value, ProcessType type)
    {
        if (value is not YamlMap map)
        {
            return Command(value, $"run.{type}");
        }

        string? command = null;
        foreach (var (name, item) in map.Entries)
        {
            switch (name.Text)
            {
                case "command":
                    command = Command(item, $"run.{type}.command");
                    break;
                case "image":
                    Warn(name, $"run.{type}.image is passed over: all process types run in the app's slug");
                    break;
                default:
                    Unknown(name, $"run.{type}");
                    break;
            }
        }

        if (map.Find("command") is null)
        {
            Error(value, $"run.{type} has no command");
        }

        return command;
    }

    /// <summary>A command as a text, or as a list of its words, which stand in one line of the shell.</summary>
    private string? Command(YamlValue value, string place)
    {
        var words = Items(value).ToList();
        if (words.Find(static word => word is not YamlScalar { IsNull: false }) is { } odd)
        {
            return Error(odd, $"{place} must be a text, or a list of texts");
        }

        var command = string.Join(' ', words.Cast<YamlScalar>().Select(static word => word.Text.Trim()));
        return command switch
        {
            "" => Error(value, $"{place} is empty"),
            _ when command.AsSpan().ContainsAny('\n', '\r', '\0') => Error(value, $"{place} has several lines; put them into a script and name it here"),
            _ => command,
        };
    }

    private ImmutableArray<KeyValuePair<YamlScalar, YamlValue>> Entries(YamlValue? value, string place)
    {
        if (value is YamlMap map)
        {
            return map.Entries;
        }

        if (value is { IsNull: false })
        {
            Error(value, $"{place} must be made of names and values ('name: value')");
        }

        return [];
    }

    private static ImmutableArray<YamlValue> Items(YamlValue value) => value switch
    {
        YamlList list => list.Items,
        { IsNull: true } => [],
        _ => [value],
    };

    private HerokuYml Passed(HerokuYml yml, YamlScalar name, string what)
    {
        Warn(name, what);
        return yml;
    }

    private HerokuYml Unknown(HerokuYml yml, YamlScalar name, string place)
    {
        Unknown(name, place);
        return yml;
    }

    private void Unknown(YamlScalar name, string place) => Warn(name, $"'{TreeName.Shown(name.Text)}' is not known in {place}, and is passed over");

    private void Warn(YamlValue at, string what) => _diagnostics.Add(new($"{HerokuYml.Name} line {at.Line}: {what}.", false));

    private string? Error(YamlValue at, string what) => Error($"{HerokuYml.Name} line {at.Line}: {what}.");

    private string? Error(string text)
    {
        _diagnostics.Add(new(text, true));
        return null;
    }
}
