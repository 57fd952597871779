using System.Text;
using System.Text.RegularExpressions;
using PaaS.Runtime;

namespace PaaS.Runtime.Tests;

/// <summary>The life cycle's tables as a page of the documentation: drawn from the tables, so that the page cannot be wrong.</summary>
internal static partial class LifecyclePage
{
    public static string Draw()
    {
        var page = new StringBuilder();
        page.Append("""
            # The life of a dyno

            This page is drawn from the tables that the platform runs by. After a change of the tables, draw it anew:
            `PAAS_ACCEPT_DOCS=1 ./test Runtime`.

            ## As people see it

            The states of `ps` and of the log's `State changed from ... to ...`. To the log a sleeping dyno is `down`, as with Heroku.
            A dyno of the formation can be stopped or replaced in every state; a one-off dyno is started once.


            """);
        DrawStates(page, DynoKind.Worker, "A dyno of the formation:");
        DrawStates(page, DynoKind.OneOff, "A one-off dyno:");
        page.Append("""
            ## One start of a dyno

            From the order to start it until nothing of it is left; a place of the formation, such as `web.1`, has many starts in
            its life. SIGTERM always comes before SIGKILL, but where Heroku kills at once too: a dyno that did not get ready in time
            (R10) or failed its health check, and one whose memory is vastly over its quota (R15) or whose disk is full.


            """);
        DrawPhases(page, DynoKind.Web, "A web dyno:");
        DrawPhases(page, DynoKind.Worker, "A dyno of another process type of the formation:");
        DrawPhases(page, DynoKind.OneOff, "A one-off dyno:");
        DrawTable(page);
        return page.ToString().ReplaceLineEndings("\n");
    }

    private static void DrawStates(StringBuilder page, DynoKind kind, string title)
    {
        page.Append($"{title}\n\n```mermaid\nstateDiagram-v2\n    [*] --> starting\n");
        var reached = new List<DynoState> { DynoState.Starting };
        for (var i = 0; i < reached.Count; i++)
        {
            var from = reached[i];
            foreach (var to in DynoStates.Turns.GroupBy(turn => DynoStates.Next(kind, from, turn)).Where(to => to.Key != from))
            {
                page.Append($"    {Words(from)} --> {Words(to.Key)}: {string.Join(", ", to.Select(turn => Words(turn)))}\n");
                if (!reached.Contains(to.Key))
                {
                    reached.Add(to.Key);
                }
            }
        }

        page.Append("```\n\n");
    }

    private static void DrawPhases(StringBuilder page, DynoKind kind, string title)
    {
        page.Append($"{title}\n\n```mermaid\nstateDiagram-v2\n    [*] --> Launching\n");
        var phases = DynoLifecycle.PhasesOf(kind);
        foreach (var phase in phases.Where(phase => !Words(phase).Equals(phase.ToString(), StringComparison.OrdinalIgnoreCase)))
        {
            page.Append($"    {phase}: {Words(phase)}\n");
        }

        foreach (var from in phases)
        {
            foreach (var to in DynoLifecycle.Happenings.Where(happening => DynoLifecycle.Step(kind, from, happening).IsMeaningful).GroupBy(happening => DynoLifecycle.Step(kind, from, happening).Next))
            {
                page.Append($"    {from} --> {to.Key}: {string.Join(", ", to.Select(happening => Words(happening)))}\n");
            }
        }

        page.Append("    Gone --> [*]\n```\n\n");
    }

    private static void DrawTable(StringBuilder page)
    {
        page.Append("## The table\n\n`*` stands for every kind of dyno. What is not listed under a phase is listed as meaning nothing there: it changes nothing.\n\n");
        foreach (var phase in DynoLifecycle.Phases)
        {
            page.Append($"### {Words(phase)}\n\n");
            var kinds = DynoLifecycle.Kinds.Where(kind => DynoLifecycle.PhasesOf(kind).Contains(phase)).ToArray();
            var rules = (from happening in DynoLifecycle.Happenings
                         from kind in kinds
                         let step = DynoLifecycle.Step(kind, phase, happening)
                         where step.IsMeaningful
                         group kind by (happening, step.Next, Actions: string.Join(", ", step.Actions.Select(action => Words(action))))).ToArray();
            if (DynoLifecycle.TimerOf(phase) is { } timer)
            {
                page.Append($"For a limited time only, then: {Words(timer)}.\n\n");
            }

            if (rules.Length > 0)
            {
                page.Append("| what happens | to | next | what is done |\n| --- | --- | --- | --- |\n");
                foreach (var rule in rules)
                {
                    var to = rule.Count() == kinds.Length ? "*" : string.Join(", ", rule.Select(kind => Words(kind)));
                    page.Append($"| {Words(rule.Key.happening)} | {to} | {Words(rule.Key.Next)} | {rule.Key.Actions} |\n");
                }

                page.Append('\n');
            }

            var nothing = DynoLifecycle.Happenings.Where(happening => kinds.All(kind => !DynoLifecycle.Step(kind, phase, happening).IsMeaningful));
            page.Append($"Means nothing: {string.Join(", ", nothing.Select(happening => Words(happening)))}.\n{(phase == DynoLifecycle.Phases[^1] ? "" : "\n")}");
        }
    }

    /// <summary>The name of a value as words: <c>StopTimeout</c>, <c>stop timeout</c>.</summary>
    private static string Words<T>(T value) where T : struct, Enum => Capital().Replace(value.ToString(), " $1").ToLowerInvariant();

    [GeneratedRegex("(?<=[a-z])([A-Z])")]
    private static partial Regex Capital();
}
