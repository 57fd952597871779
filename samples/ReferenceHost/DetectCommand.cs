using System.Collections.Immutable;
using System.CommandLine;
using System.Text;
using System.Text.Encodings.Web;
using System.Text.Json;
using PaaS.Buildpacks;
using PaaS.Core;

namespace PaaS.ReferenceHost;

/// <summary><c>detect DIR...</c>: what a build would make of an app's directory.</summary>
internal static class DetectCommand
{
    /// <summary>The buildpack of an app that only has a Procfile. It knows no language, so that none was detected.</summary>
    private const string Fallback = "paas/procfile";

    public static Command Create()
    {
        var directories = new Argument<DirectoryInfo[]>("DIR") { Description = "The directory of an app's source.", Arity = ArgumentArity.OneOrMore };
        var json = new Option<bool>("--json") { Description = "One JSON object per directory, each on a line." };
        var command = new Command("detect", "Says which buildpack builds the app in a directory, which others could, and what it then runs. Nothing is built or changed. Exits 0 when every directory could be read, whatever is in it.") { directories, json };
        command.SetAction((parsed, cancellationToken) => PrintAsync(parsed.GetRequiredValue(directories), parsed.GetValue(json), cancellationToken));
        return command;
    }

    private static async Task<int> PrintAsync(DirectoryInfo[] directories, bool json, CancellationToken cancellationToken)
    {
        var exit = 0;
        await using var output = Console.OpenStandardOutput();
        foreach (var directory in directories)
        {
            try
            {
                if (!directory.Exists)
                {
                    throw new DirectoryNotFoundException(File.Exists(directory.FullName) ? "It is a file. Name the directory that the app's source is in." : "There is no such directory.");
                }

                var inspection = await BuildpackRegistry.BuiltIn.InspectAsync(new SourceTree(directory.FullName), cancellationToken);
                await output.WriteAsync(json ? Json(directory.ToString(), inspection) : Text(directory.ToString(), inspection), cancellationToken);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                await Console.Error.WriteLineAsync($"detect: cannot read {directory}: {e.Message}");
                exit = Failures.CannotStart;
            }
        }

        return exit;
    }

    private static byte[] Json(string directory, SourceInspection inspection)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer, new JsonWriterOptions { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping }))
        {
            var isDetected = inspection.Buildpack is not (null or Fallback);
            writer.WriteStartObject();
            writer.WriteString("directory", directory);
            writer.WriteString("buildpack", isDetected ? ShortName(inspection.Buildpack!) : null);
            writer.WriteString("id", inspection.Buildpack);
            writer.WriteString("display_name", isDetected ? inspection.DisplayName : null);
            WriteList(writer, "also_detected", inspection.AlsoMatching.Select(ShortName));
            WriteTypes(writer, "default_process_types", inspection.DefaultProcessTypes);
            WriteList(writer, "addons", inspection.AddOns);
            WriteTypes(writer, "procfile", inspection.DeclaredProcessTypes);
            writer.WriteString("declared_by", inspection.DeclaredBy);
            WriteList(writer, "named_buildpacks", inspection.Named.Select(static reference => reference.Text));
            writer.WriteString("named_by", inspection.NamedBy);
            WriteList(writer, "diagnostics", inspection.Diagnostics);
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static byte[] Text(string directory, SourceInspection inspection)
    {
        var text = new StringBuilder().Append(directory).Append(":\n");
        text.Append(inspection.Buildpack switch
        {
            null => "  No buildpack of this platform knows this kind of app.\n",
            Fallback => $"  No language; the app runs as it is ({Fallback}).\n",
            var id when inspection.Named.IsEmpty => $"  {inspection.DisplayName} app, built by {id}\n",
            var id => $"  {inspection.DisplayName} app, by detection {id}\n",
        });
        if (!inspection.AlsoMatching.IsEmpty)
        {
            text.Append("  Could also be built by ").AppendJoin(", ", inspection.AlsoMatching).Append('\n');
        }

        if (!inspection.Named.IsEmpty)
        {
            text.Append($"  Built by what {inspection.NamedBy} names: ").AppendJoin(", ", inspection.Named.Select(static reference => reference.Text)).Append('\n');
        }

        AppendTypes(text, "Default process types", inspection.DefaultProcessTypes);
        AppendTypes(text, inspection.DeclaredBy ?? "Procfile", inspection.DeclaredProcessTypes);
        foreach (var diagnostic in inspection.Diagnostics)
        {
            text.Append("  ! ").Append(diagnostic).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }

    /// <summary><c>nodejs</c> of <c>heroku/nodejs</c>, as people type it; others keep their first part.</summary>
    private static string ShortName(string id) => id.Split('/') is [("heroku" or "paas"), var name] ? name : id;

    private static void WriteList(Utf8JsonWriter writer, string name, IEnumerable<string> items)
    {
        writer.WriteStartArray(name);
        foreach (var item in items)
        {
            writer.WriteStringValue(item);
        }

        writer.WriteEndArray();
    }

    private static void WriteTypes(Utf8JsonWriter writer, string name, IEnumerable<KeyValuePair<ProcessType, string>> types)
    {
        writer.WriteStartObject(name);
        foreach (var (type, command) in types)
        {
            writer.WriteString(type.ToString(), command);
        }

        writer.WriteEndObject();
    }

    private static void AppendTypes(StringBuilder text, string heading, ImmutableSortedDictionary<ProcessType, string> types)
    {
        text.Append("  ").Append(heading).Append(types.Count == 0 ? ": none\n" : ":\n");
        foreach (var (type, command) in types)
        {
            text.Append("    ").Append(type).Append(": ").Append(command).Append('\n');
        }
    }
}
