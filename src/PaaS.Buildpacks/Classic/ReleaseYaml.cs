using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Reads what a classic buildpack's <c>bin/release</c> prints. Nothing behind a name, and nothing at all, mean nothing.</summary>
internal static class ReleaseYaml
{
    private const int MaxEntries = 200;
    private const int MaxCommand = 16 * 1024;

    /// <summary>Reads a text.</summary>
    /// <exception cref="InvalidDataException">It is no such YAML; the message names the line and says what is wanted.</exception>
    public static BuildpackRelease Read(string text)
    {
        if (YamlText.Read(text) is not { } value)
        {
            return BuildpackRelease.Empty;
        }

        var root = Map(value, "It");
        return new BuildpackRelease
        {
            AddOns = AddOns(root.Find("addons")),
            ConfigVars = Texts(root.Find("config_vars"), "config_vars", ClassicEnvironment.IsName).ToImmutableSortedDictionary(StringComparer.Ordinal),
            DefaultProcessTypes = Texts(root.Find("default_process_types"), "default_process_types", static name => ProcessType.TryParse(name, null, out _))
                .ToImmutableSortedDictionary(static pair => ProcessType.Parse(pair.Key), static pair => pair.Value),
        };
    }

    private static ImmutableArray<string> AddOns(YamlValue? value)
    {
        if (value is null or YamlMap { Entries.IsEmpty: true })
        {
            return [];
        }

        if (value is not YamlList { Items.Length: <= MaxEntries } list)
        {
            throw Refused(value, $"'addons' must be a list of at most {MaxEntries} names, such as '- heroku-postgresql'");
        }

        return [.. list.Items.Where(static item => !item.IsNull).Select(static item => item is YamlScalar { Text.Length: > 0 and <= 200 } scalar && !scalar.Text.Any(char.IsControl)
            ? scalar.Text
            : throw Refused(item, "an add-on must be a name of at most 200 characters, such as heroku-postgresql"))];
    }

    private static Dictionary<string, string> Texts(YamlValue? value, string what, Func<string, bool> isName)
    {
        var texts = new Dictionary<string, string>(StringComparer.Ordinal);
        if (value is null or YamlList { Items.IsEmpty: true })
        {
            return texts;
        }

        var map = Map(value, $"'{what}'");
        if (map.Entries.Length > MaxEntries)
        {
            throw Refused(map, $"'{what}' has {map.Entries.Length} names; at most {MaxEntries} are taken");
        }

        foreach (var (name, entry) in map.Entries)
        {
            if (!isName(name.Text))
            {
                throw Refused(name, $"'{TreeName.Shown(name.Text)}' can't be a name in '{what}': use letters, digits and '_'");
            }

            if (!entry.IsNull)
            {
                texts[name.Text] = entry is YamlScalar { Text.Length: <= MaxCommand } scalar && !scalar.Text.Contains('\0', StringComparison.Ordinal)
                    ? scalar.Text.TrimEnd('\n')
                    : throw Refused(entry, $"'{TreeName.Shown(name.Text)}' in '{what}' must be one text of at most {MaxCommand:N0} characters");
            }
        }

        return texts;
    }

    private static YamlMap Map(YamlValue value, string what) => value as YamlMap ?? throw Refused(value, $"{what} must be names and values, such as 'web: npm start'");

    private static InvalidDataException Refused(YamlValue at, string what) => new($"line {at.Line}: {what}.");
}
