using System.CommandLine;
using System.Text;
using System.Text.Json;
using PaaS.Core;

namespace PaaS.ReferenceHost;

/// <summary><c>procfile FILE...</c>: what the platform reads in a Procfile.</summary>
internal static class ProcfileCommand
{
    public static Command Create()
    {
        var files = new Argument<FileInfo[]>("FILE") { Description = "Procfiles.", Arity = ArgumentArity.OneOrMore };
        var mode = new Option<string>("--mode") { Description = "Whose rules: Heroku's classic generation, Heroku's Fir, or the SDK's own.", DefaultValueFactory = _ => "default" };
        mode.AcceptOnlyFromAmong("cedar", "fir", "default");
        var json = new Option<bool>("--json") { Description = "One JSON object per file, each on a line." };
        var command = new Command("procfile", "Reads Procfiles and prints their entries and diagnostics. Exits 0 when every file could be read, whatever it says.") { files, mode, json };
        command.SetAction(parsed => Print(parsed.GetRequiredValue(files), ModeOf(parsed.GetRequiredValue(mode)), parsed.GetValue(json)));
        return command;
    }

    private static int Print(FileInfo[] files, ProcfileMode mode, bool json)
    {
        var exit = 0;
        using var output = Console.OpenStandardOutput();
        foreach (var file in files)
        {
            try
            {
                var procfile = Procfile.Parse(Read(file), mode);
                output.Write(json ? Json(file.ToString(), procfile) : Text(file.ToString(), procfile));
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                Console.Error.WriteLine($"procfile: cannot read {file}: {e.Message}");
                exit = Failures.CannotStart;
            }
        }

        return exit;
    }

    private static ProcfileMode ModeOf(string name) => name switch
    {
        "cedar" => ProcfileMode.HerokuCedar,
        "fir" => ProcfileMode.HerokuFir,
        _ => ProcfileMode.Default,
    };

    /// <summary>Reads no more than a Procfile may hold and one byte, so that a huge file is refused by its size and not by memory.</summary>
    private static string Read(FileInfo file)
    {
        using var stream = file.OpenRead();
        var bytes = new byte[(int)Math.Min(Procfile.MaxBytes + 1L, Math.Max(stream.Length, 1))];
        var count = stream.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false);
        return Encoding.UTF8.GetString(bytes, 0, count);
    }

    private static byte[] Json(string file, Procfile procfile)
    {
        using var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("file", file);
            writer.WriteStartArray("entries");
            foreach (var entry in procfile)
            {
                writer.WriteStartObject();
                writer.WriteString("type", entry.Type.ToString());
                writer.WriteString("command", entry.Command);
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteStartArray("diagnostics");
            foreach (var diagnostic in procfile.Diagnostics)
            {
                writer.WriteStartObject();
                writer.WriteNumber("line", diagnostic.Line);
                writer.WriteNumber("column", diagnostic.Column);
                writer.WriteString("code", diagnostic.Code);
                writer.WriteString("message", diagnostic.Message);
                writer.WriteString("severity", diagnostic.IsError ? "error" : "warning");
                writer.WriteEndObject();
            }

            writer.WriteEndArray();
            writer.WriteEndObject();
        }

        buffer.WriteByte((byte)'\n');
        return buffer.ToArray();
    }

    private static byte[] Text(string file, Procfile procfile)
    {
        var text = new StringBuilder().Append(file).Append(":\n");
        foreach (var entry in procfile)
        {
            text.Append("  ").Append(entry.Type).Append(": ").Append(entry.Command).Append('\n');
        }

        foreach (var diagnostic in procfile.Diagnostics)
        {
            text.Append("  ").Append(diagnostic).Append('\n');
        }

        return Encoding.UTF8.GetBytes(text.ToString());
    }
}
