using System.Collections;
using System.Collections.Immutable;
using System.Globalization;

namespace PaaS.Runtime;

/// <summary>One process that is to run.</summary>
/// <param name="Name">Its name, such as <c>web.1</c>.</param>
/// <param name="Command">For the shell.</param>
/// <param name="Port">Its PORT, web or not.</param>
internal sealed record LocalProcess(DynoName Name, string Command, int Port);

/// <summary>From options to processes. Pure, but for the environment of this process, which it reads if none is given.</summary>
internal static class LocalPlan
{
    private const string WorkerName = "FOREMAN_WORKER_NAME";
    private const int PortsPerType = 100;
    private const int MaxPort = 65_535;

    /// <summary>The processes in the order in which they start.</summary>
    /// <exception cref="LocalRunException">They cannot be run; the message says why.</exception>
    public static ImmutableArray<LocalProcess> Make(LocalRunOptions options)
    {
        if (options.Procfile.Diagnostics.FirstOrDefault(static d => d.IsError) is { } error)
        {
            throw new LocalRunException($"The Procfile cannot be run: {error}");
        }

        var counts = CountsOf(options);
        var port = BasePort(options);
        var plan = ImmutableArray.CreateBuilder<LocalProcess>();
        for (var k = 0; k < counts.Count; k++)
        {
            var (type, quantity) = counts[k];
            if (!options.Procfile.TryGet(type, out var entry))
            {
                throw new LocalRunException($"The Procfile has no process type {type}. It has: {string.Join(", ", options.Procfile.Select(static e => e.Type))}.");
            }

            for (var j = 0; j < quantity; j++)
            {
                plan.Add(new LocalProcess(new DynoName(type, j + 1), entry.Command, port + (PortsPerType * k) + j));
            }
        }

        return plan switch
        {
            { Count: 0 } => throw new LocalRunException("There is nothing to run: no process type with a quantity above 0."),
            [.., { Port: > MaxPort } last] => throw new LocalRunException($"{last.Name} would get port {last.Port}, and {MaxPort} is the last one. Choose a base port further down."),
            _ => plan.ToImmutable(),
        };
    }

    /// <summary>Everything that a process finds in its environment.</summary>
    public static ImmutableSortedDictionary<string, string> EnvironmentOf(LocalRunOptions options, LocalProcess process)
    {
        var environment = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        environment.AddRange(Surroundings(options).Where(static v => EnvironmentBlock.IsName(v.Key)));
        foreach (var (name, value) in options.Variables)
        {
            environment[name] = value;
        }

        environment["PORT"] = process.Port.ToString(CultureInfo.InvariantCulture);
        environment["PWD"] = options.Directory;
        if (environment.GetValueOrDefault(WorkerName) is null or "")
        {
            environment[WorkerName] = process.Name.ToString();
        }

        return environment.ToImmutable();
    }

    private static List<LocalProcessCount> CountsOf(LocalRunOptions options) => options.Processes.IsDefaultOrEmpty
        ? [.. options.Procfile.Where(static e => e.Type != ProcessType.Release).Select(static e => new LocalProcessCount(e.Type, 1))]
        : [.. options.Processes];

    private static int BasePort(LocalRunOptions options)
    {
        if (options.Port is { } asked)
        {
            return Check(asked, "The base port");
        }

        if (options.Variables.GetValueOrDefault("PORT") is { Length: > 0 } own)
        {
            return Check(own, "PORT in the file of variables");
        }

        return Surroundings(options).FirstOrDefault(static v => v.Key == "PORT").Value is { Length: > 0 } around ? Check(around, "PORT in the environment") : LocalRunOptions.DefaultPort;
    }

    private static int Check(string text, string what) => int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var port)
        ? Check(port, what)
        : throw new LocalRunException($"{what} is '{(text.Length > 40 ? text[..40] + "..." : text)}', which is no port. Set it to a number from {LocalRunOptions.MinPort} to {MaxPort}.");

    private static int Check(int port, string what) => port is >= LocalRunOptions.MinPort and <= MaxPort
        ? port
        : throw new LocalRunException($"{what} is {port}. Choose one from {LocalRunOptions.MinPort} to {MaxPort}: those below belong to the system's own services.");

    private static IEnumerable<KeyValuePair<string, string>> Surroundings(LocalRunOptions options) =>
        options.Environment ?? Environment.GetEnvironmentVariables().Cast<DictionaryEntry>().Select(static v => KeyValuePair.Create((string)v.Key, (string?)v.Value ?? string.Empty));
}
