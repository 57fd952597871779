using System.Text;

namespace PaaS.Runtime;

/// <summary>Finds out what a sandbox enforces on this machine, by starting one.</summary>
internal static class SandboxProbe
{
    /// <summary>The user of the trial, if the host is root: nobody.</summary>
    private const int TrialUser = 65_534;

    /// <summary>The report of a machine that can have no sandbox.</summary>
    public static IsolationReport Nothing(string whyNot, string remedy) => IsolationReport.Without(
        "sandbox", Enum.GetValues<ProcessIsolation>().ToDictionary(static flag => flag, _ => (whyNot, remedy)));

    /// <summary>Starts a program that writes into an ephemeral mount, and says what held.</summary>
    public static async ValueTask<IsolationReport> TryAsync(SandboxLauncher launcher, ProcessTrees trees, Sandbox sandbox, string? noNetwork, CancellationToken cancellationToken)
    {
        if (await StartAsync(launcher, sandbox, cancellationToken).ConfigureAwait(false) is { } problem)
        {
            return Nothing(problem, $"See that {sandbox.Bwrap} is bubblewrap 0.8 or later, that the machine allows user namespaces (sysctl user.max_user_namespaces, kernel.apparmor_restrict_unprivileged_userns), and that {sandbox.Options.ScratchDirectory} is on ext4, xfs, btrfs or tmpfs.");
        }

        var missing = new Dictionary<ProcessIsolation, (string, string)>();
        if (Libc.EffectiveUserId() != 0)
        {
            missing[ProcessIsolation.Users] = ("The host isn't root, and can't give each app a user of its own.", "Run it as root.");
        }

        if (sandbox.Filter is null)
        {
            missing[ProcessIsolation.SystemCalls] = ("The numbers of this processor's system calls are not known.", "Use x86-64 or arm64.");
        }

        if (sandbox.Networks is null)
        {
            missing[ProcessIsolation.Network] = (noNetwork ?? "It can't be made here.", string.Empty);
        }

        foreach (var limit in new[] { ProcessIsolation.Memory, ProcessIsolation.Cpu, ProcessIsolation.ProcessCount }.Where(limit => !trees.Isolation.HasFlag(limit)))
        {
            missing[limit] = ("No cgroup controller for it may be written.", "Run the host as root, or delegate it a cgroup with the controllers memory, cpu and pids.");
        }

        return IsolationReport.Without("sandbox", missing) with { Notes = [.. sandbox.Networks?.Notes ?? []] };
    }

    private static async ValueTask<string?> StartAsync(SandboxLauncher launcher, Sandbox sandbox, CancellationToken cancellationToken)
    {
        var source = sandbox.ScratchOf(Guid.NewGuid());
        Directory.CreateDirectory(source);
        try
        {
            var spec = new ProcessSpec
            {
                Command = ["/bin/sh", "-c", "echo works >/app/written && cat /app/written"],
                WorkingDirectory = "/app",
                Label = "trial of the sandbox",
                UserId = Libc.EffectiveUserId() == 0 ? TrialUser : null,
                Mounts = [new ProcessMount(source, "/app", ProcessMountMode.Ephemeral)],
            };
            var process = await launcher.StartAsync(spec, cancellationToken).ConfigureAwait(false);
            await using (process.ConfigureAwait(false))
            {
                using var reader = new StreamReader(process.Output, Encoding.UTF8);
                var said = await reader.ReadToEndAsync(cancellationToken).ConfigureAwait(false);
                var exit = await process.Exited.WaitAsync(cancellationToken).ConfigureAwait(false);
                return said == "works\n" && exit.Succeeded ? null : $"A trial of the sandbox ended with status {exit.Status}: {said.Trim()}";
            }
        }
        catch (ProcessStartException e)
        {
            return e.Message;
        }
        finally
        {
            _ = ScratchTree.TryRemove(source);
        }
    }
}
