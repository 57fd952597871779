using System.Collections.Immutable;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;

namespace PaaS.Buildpacks;

/// <summary>
/// Reads a YAML text that a stranger wrote, through the parser's events alone: what is wanted here are maps, lists and texts, and no type
/// of the platform's is ever made from a tag. Refused are anchors and aliases, with which few bytes can stand for very many, and more than one document.
/// </summary>
internal static class YamlText
{
    /// <summary>The longest text, in characters.</summary>
    public const int MaxLength = 64 * 1024;

    private const int MaxDepth = 20;
    private const int MaxValues = 5_000;

    /// <summary>Reads a text.</summary>
    /// <returns>Its value; null if it holds none.</returns>
    /// <exception cref="InvalidDataException">It can't be read; the message names the line, and has no name of a file.</exception>
    public static YamlValue? Read(string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        if (text.Length > MaxLength)
        {
            throw new InvalidDataException($"It has {text.Length:N0} characters; at most {MaxLength:N0} are read.");
        }

        try
        {
            var reading = new Reading(new Parser(new StringReader(text)));
            return reading.Document();
        }
        catch (YamlException e)
        {
            throw new InvalidDataException($"line {e.Start.Line}, column {e.Start.Column}: it is no YAML: {TreeName.Shown(e.Message)}", e);
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or IndexOutOfRangeException)
        {
            // The parser's own slips on texts that are no YAML.
            throw new InvalidDataException("it is no YAML.", e);
        }
    }

    private sealed class Reading(Parser parser)
    {
        private int _values;

        public YamlValue? Document()
        {
            parser.Consume<StreamStart>();
            if (!parser.TryConsume<DocumentStart>(out _))
            {
                return null;
            }

            var value = Value(0);
            parser.Consume<DocumentEnd>();
            return parser.Accept<StreamEnd>(out _) ? (value.IsNull ? null : value) : throw Refused(parser.Current!, "a second document begins here; one is read");
        }

        private YamlValue Value(int depth)
        {
            var line = (int)parser.Current!.Start.Line;
            if (depth > MaxDepth)
            {
                throw Refused(parser.Current, $"values are nested deeper than {MaxDepth}");
            }

            if (++_values > MaxValues)
            {
                throw Refused(parser.Current, $"there are more than {MaxValues:N0} values");
            }

            if (parser.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            {
                throw Refused(parser.Current, "anchors (&name) and aliases (*name) are not read; write the value out");
            }

            if (parser.TryConsume<Scalar>(out var scalar))
            {
                return new YamlScalar(scalar.Value, scalar.Style == ScalarStyle.Plain, line);
            }

            if (parser.TryConsume<SequenceStart>(out _))
            {
                var items = ImmutableArray.CreateBuilder<YamlValue>();
                while (!parser.TryConsume<SequenceEnd>(out _))
                {
                    items.Add(Value(depth + 1));
                }

                return new YamlList(items.ToImmutable(), line);
            }

            parser.Consume<MappingStart>();
            return Map(depth, line);
        }

        private YamlMap Map(int depth, int line)
        {
            var entries = ImmutableArray.CreateBuilder<KeyValuePair<YamlScalar, YamlValue>>();
            var names = new HashSet<string>(StringComparer.Ordinal);
            while (!parser.TryConsume<MappingEnd>(out _))
            {
                var at = parser.Current!;
                if (Value(depth + 1) is not YamlScalar name)
                {
                    throw Refused(at, "a name must be a text, not a list or a map");
                }

                if (!names.Add(name.Text))
                {
                    throw Refused(at, $"'{TreeName.Shown(name.Text)}' is there twice");
                }

                entries.Add(new(name, Value(depth + 1)));
            }

            return new YamlMap(entries.ToImmutable(), line);
        }

        private static InvalidDataException Refused(ParsingEvent at, string what) => new($"line {at.Start.Line}, column {at.Start.Column}: {what}.");
    }
}
