using System.CommandLine;

namespace PaaS.ReferenceHost;

/// <summary>The options of <c>up</c>.</summary>
internal sealed class UpOptions
{
    /// <summary>The environment variable that can hold the token; it stands in no process listing.</summary>
    public const string TokenVariable = "PAAS_TOKEN";

    public Option<int> Port { get; } = PortOption("--port", 5000, "The port of the API and of git.");

    public Option<int> RouterPort { get; } = PortOption("--router-port", 8080, "The port of the router, where the apps answer.");

    public Option<DirectoryInfo?> Data { get; } = new("--data") { Description = "The data directory. Default: paas in the user's local data folder.", HelpName = "DIR" };

    public Option<DirectoryInfo?> Work { get; } = new("--work") { Description = "Where builds and dynos run. Default: below /var/lib/paas for root, else in the data directory.", HelpName = "DIR" };

    public Option<string?> Token { get; } = new("--token") { Description = $"The operator's token. Others on this machine can read it in the process listing: prefer --token-file or {TokenVariable}.", HelpName = "T" };

    public Option<FileInfo?> TokenFile { get; } = new("--token-file") { Description = "A file whose first line is the operator's token.", HelpName = "F" };

    public Option<FileInfo?> ReadyFile { get; } = new("--ready-file") { Description = "Written once everything answers: a line of JSON with the addresses and the token's file.", HelpName = "F" };

    public Option<int> BootTimeout { get; } = BootTimeoutOption();

    /// <summary>The token from the command line, the file or the environment; null if the platform shall make one.</summary>
    public async Task<string?> ReadTokenAsync(ParseResult parsed, CancellationToken cancellationToken)
    {
        var token = parsed.GetValue(Token);
        var file = parsed.GetValue(TokenFile);
        if (file is null)
        {
            return token ?? Environment.GetEnvironmentVariable(TokenVariable) switch { null or "" => null, var value => value };
        }

        if (token is not null)
        {
            throw new UsageException("--token and --token-file cannot be used together: leave one out.");
        }

        if (!file.Exists)
        {
            throw new UsageException($"--token-file: there is no file {file.FullName}.");
        }

        using var reader = file.OpenText();
        return await reader.ReadLineAsync(cancellationToken) is { Length: > 0 } line
            ? line.Trim()
            : throw new UsageException($"--token-file: the first line of {file.FullName} is empty.");
    }

    private static Option<int> PortOption(string name, int port, string description)
    {
        var option = new Option<int>(name) { Description = description, HelpName = "PORT", DefaultValueFactory = _ => port };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(ushort.TryParse(text.Value, out _)))
            {
                result.AddError($"{name} {text.Value}: a port is a number from 1 to 65535, or 0 for any free one.");
            }
        });
        return option;
    }

    private static Option<int> BootTimeoutOption()
    {
        var option = new Option<int>("--boot-timeout") { Description = "How many seconds a web dyno may take until it listens on its port. Default: 60, as on Heroku.", HelpName = "SECONDS", DefaultValueFactory = _ => 60 };
        option.Validators.Add(result =>
        {
            if (result.Tokens is [var text] && !(ushort.TryParse(text.Value, out var seconds) && seconds is >= 1 and <= 3600))
            {
                result.AddError($"--boot-timeout {text.Value}: a number of seconds from 1 to 3600.");
            }
        });
        return option;
    }
}
