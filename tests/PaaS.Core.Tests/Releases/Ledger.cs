using System.Collections.Immutable;
using System.Security.Cryptography;
using System.Text;

namespace PaaS.Core.Tests;

/// <summary>An app under test: decides and folds as a writer does.</summary>
internal sealed class Ledger
{
    public static readonly Actor Someone = new(new AccountId(new Guid("11111111-2222-3333-4444-555555555555")), "dev@example.com");
    private static readonly DateTimeOffset Start = new(2026, 11, 20, 15, 0, 0, TimeSpan.Zero);
    private int _tick;

    public App? App { get; private set; }

    public List<(AppEvent Event, EventOrigin Origin)> Events { get; } = [];

    public static Ledger WithApp()
    {
        var ledger = new Ledger();
        ledger.Do(new AppCommand.Create(AppId.New(), AppName.Parse("floating-dragon-42"), 300_000));
        return ledger;
    }

    public static Slug SlugOf(string content, params string[] types) => new(
        SlugId.FromDigest(SHA256.HashData(Encoding.UTF8.GetBytes(content))),
        content.Length,
        (types.Length == 0 ? ["web"] : types).ToImmutableSortedDictionary(type => ProcessType.Parse(type), type => $"run {type}"),
        Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(content).AsSpan()).AsSpan(0, 20)),
        "Node.js",
        Slug.DefaultStack);

    public Decision Do(AppCommand command)
    {
        var decision = ReleaseLedger.Decide(App, command);
        foreach (var e in decision.Events)
        {
            var origin = new EventOrigin(Someone, Start.AddSeconds(++_tick));
            Events.Add((e, origin));
            App = ReleaseLedger.Apply(App, e, origin);
        }

        return decision;
    }

    public Release Deploy(string content, params string[] types)
    {
        Do(new AppCommand.Deploy(SlugOf(content, types), "refs/heads/main"));
        return App!.Releases[^1];
    }

    public Release Set(string name, string? value)
    {
        Do(new AppCommand.ChangeConfig(ConfigPatch.Create(name, value)));
        return App!.Releases[^1];
    }

    public void Succeed() => Do(new AppCommand.Settle(App!.Pending!.Version, null));

    public void Fail(string reason = "web.1 did not get ready") => Do(new AppCommand.Settle(App!.Pending!.Version, reason));
}
