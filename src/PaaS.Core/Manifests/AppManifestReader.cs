using System.Collections.Immutable;
using System.Diagnostics.CodeAnalysis;
using System.Text.Json;

namespace PaaS.Core;

/// <summary>Reads one <c>app.json</c>.</summary>
internal sealed class AppManifestReader
{
    private const int MaxPathLength = 2048;
    private const int MaxContentLength = 1024;
    private readonly ImmutableArray<ManifestDiagnostic>.Builder _diagnostics = ImmutableArray.CreateBuilder<ManifestDiagnostic>();

    public ImmutableArray<ManifestDiagnostic> Diagnostics => _diagnostics.ToImmutable();

    public AppManifest Read(string text)
    {
        JsonDocument document;
        try
        {
            document = JsonDocument.Parse(text.TrimStart('\uFEFF'));
        }
        catch (JsonException exception)
        {
            // The exception's text says what was met, and goes on with the position, which stands in front here.
            var message = exception.Message;
            var end = message.IndexOf(" LineNumber:", StringComparison.Ordinal);
            Warn($"line {(exception.LineNumber ?? 0) + 1}", $"{Printable.Of(end < 0 ? message : message[..end], 300)} The file is no JSON and is passed over: its cron and healthchecks do not count. Mend it, or delete it.");
            return AppManifest.Empty;
        }

        using (document)
        {
            if (document.RootElement.ValueKind != JsonValueKind.Object)
            {
                Warn("line 1", "The file is no JSON object and is passed over. Begin it with '{'.");
                return AppManifest.Empty;
            }

            try
            {
                return new AppManifest { Cron = ReadCron(document.RootElement), HealthChecks = ReadHealthChecks(document.RootElement) };
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair, escaped, in a name: JSON allows it, but it is no text.
                Warn("line 1", "A name holds half a character (\\ud800 to \\udfff). The file is passed over: its cron and healthchecks do not count.");
                return AppManifest.Empty;
            }
        }
    }

    private ImmutableArray<CronEntry> ReadCron(JsonElement root)
    {
        if (!TryFind(root, "cron", out var cron))
        {
            return [];
        }

        if (cron.ValueKind != JsonValueKind.Array || cron.GetArrayLength() > ScheduledJob.MaxPerApp)
        {
            Fail("cron", $"It must be a list of at most {ScheduledJob.MaxPerApp} entries such as {{\"command\": \"rake cleanup\", \"schedule\": \"0 4 * * *\"}}.");
            return [];
        }

        var entries = ImmutableArray.CreateBuilder<CronEntry>();
        foreach (var (index, element) in cron.EnumerateArray().Index())
        {
            if (ReadCronEntry(element, $"cron[{index}]") is { } entry)
            {
                entries.Add(entry);
            }
        }

        return entries.ToImmutable();
    }

    private CronEntry? ReadCronEntry(JsonElement element, string place)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(place, "It must be an object such as {\"command\": \"rake cleanup\", \"schedule\": \"0 4 * * *\"}.");
            return null;
        }

        RemarkOnOthers(element, place, "command", "schedule", "size");
        var good = TryReadText(element, "command", place, out var command);
        if (good && ScheduledJob.FindCommandProblem(command) is { } problem)
        {
            Fail($"{place}.command", problem);
            good = false;
        }

        if (!TryReadText(element, "schedule", place, out var schedule))
        {
            good = false;
        }
        else if (!CronSchedule.TryParse(schedule, out _, out problem))
        {
            Fail($"{place}.schedule", problem);
            good = false;
        }

        DynoSize? size = null;
        if (TryFind(element, "size", out _))
        {
            if (TryReadText(element, "size", place, out var text) && DynoSize.TryParse(text, null, out var parsed))
            {
                size = parsed;
            }
            else
            {
                Fail($"{place}.size", $"It must be one of {string.Join(", ", DynoSize.All)}.");
                good = false;
            }
        }

        return good ? new CronEntry(schedule!, command!, size) : null;
    }

    private ImmutableSortedDictionary<ProcessType, HealthCheck> ReadHealthChecks(JsonElement root)
    {
        var none = ImmutableSortedDictionary<ProcessType, HealthCheck>.Empty;
        if (!TryFind(root, "healthchecks", out var checks))
        {
            return none;
        }

        if (checks.ValueKind != JsonValueKind.Object)
        {
            Fail("healthchecks", "It must be an object such as {\"web\": [{\"type\": \"startup\", \"path\": \"/health\"}]}.");
            return none;
        }

        foreach (var property in checks.EnumerateObject().Where(property => property.Name != "web"))
        {
            Warn("healthchecks", $"'{Printable.Of(property.Name, 40)}' is passed over: only web dynos take requests that could check them.");
        }

        if (!TryFind(checks, "web", out var web))
        {
            return none;
        }

        if (web.ValueKind != JsonValueKind.Array)
        {
            Fail("healthchecks.web", "It must be a list such as [{\"type\": \"startup\", \"path\": \"/health\"}].");
            return none;
        }

        HealthCheck? found = null;
        foreach (var (index, element) in web.EnumerateArray().Index())
        {
            var place = $"healthchecks.web[{index}]";
            if (found is not null)
            {
                Warn(place, "It is passed over: the first startup check counts.");
                break;
            }

            found = ReadHealthCheck(element, place);
        }

        return found is null ? none : none.Add(ProcessType.Web, found);
    }

    private HealthCheck? ReadHealthCheck(JsonElement element, string place)
    {
        if (element.ValueKind != JsonValueKind.Object)
        {
            Fail(place, "It must be an object such as {\"type\": \"startup\", \"path\": \"/health\"}.");
            return null;
        }

        if (!TryReadText(element, "type", place, out var type))
        {
            return null;
        }

        if (type is not "startup" || !TryFind(element, "path", out _))
        {
            Warn(place, type is "startup"
                ? "It has no path and is passed over: a startup check here is a request. Add one, such as \"path\": \"/health\"."
                : $"Checks of type '{Printable.Of(type, 40)}' are passed over: only 'startup' is known.");
            return null;
        }

        RemarkOnOthers(element, place, "type", "name", "path", "attempts", "timeout", "wait", "content");
        var errors = _diagnostics.Count(diagnostic => diagnostic.IsError);
        if (TryReadText(element, "path", place, out var path) && (path is not ['/', ..] || path.Length > MaxPathLength || !path.All(c => c is > ' ' and < '\x7f' and not '#')))
        {
            Fail($"{place}.path", $"It must begin with '/' and have at most {MaxPathLength:N0} characters, printable ASCII without blanks and '#', such as \"/health\". Escape others as %XX.");
        }

        string? content = null;
        if (TryFind(element, "content", out _) && TryReadText(element, "content", place, out content) && content.Length > MaxContentLength)
        {
            Fail($"{place}.content", $"It has {content.Length:N0} characters; at most {MaxContentLength:N0} are allowed. Look for a shorter text.");
        }

        var (attempts, timeout, wait) = (ReadNumber(element, "attempts", place, 3, 1, 100), ReadNumber(element, "timeout", place, 5, 1, 60), ReadNumber(element, "wait", place, 5, 0, 60));
        return errors == _diagnostics.Count(diagnostic => diagnostic.IsError)
            ? new HealthCheck(path!, attempts, TimeSpan.FromSeconds(timeout), TimeSpan.FromSeconds(wait), string.IsNullOrEmpty(content) ? null : content)
            : null;
    }

    private int ReadNumber(JsonElement element, string name, string place, int ifMissing, int low, int high)
    {
        if (!TryFind(element, name, out var value))
        {
            return ifMissing;
        }

        if (value.ValueKind == JsonValueKind.Number && value.TryGetInt32(out var number) && number >= low && number <= high)
        {
            return number;
        }

        Fail($"{place}.{name}", $"It must be a whole number from {low} to {high}{(name == "attempts" ? "" : ", in seconds")}.");
        return ifMissing;
    }

    private bool TryReadText(JsonElement element, string name, string place, [NotNullWhen(true)] out string? text)
    {
        text = null;
        if (TryFind(element, name, out var value) && value.ValueKind == JsonValueKind.String)
        {
            try
            {
                text = value.GetString()!;
                return true;
            }
            catch (InvalidOperationException)
            {
                // Half a surrogate pair, escaped: JSON allows it, but it is no text.
            }
        }

        Fail($"{place}.{name}", "It must be a text in quotation marks.");
        return false;
    }

    private static bool TryFind(JsonElement element, string name, out JsonElement value) =>
        element.TryGetProperty(name, out value) && value.ValueKind != JsonValueKind.Null;

    private void RemarkOnOthers(JsonElement element, string place, params ReadOnlySpan<string> known)
    {
        foreach (var property in element.EnumerateObject())
        {
            if (!known.Contains(property.Name))
            {
                Warn($"{place}.{Printable.Of(property.Name, 40)}", "It is not known here and is passed over.");
            }
        }
    }

    private void Fail(string place, string message) => _diagnostics.Add(new ManifestDiagnostic(place, message, IsError: true));

    private void Warn(string place, string message) => _diagnostics.Add(new ManifestDiagnostic(place, message, IsError: false));
}
