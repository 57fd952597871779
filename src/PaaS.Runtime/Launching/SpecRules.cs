namespace PaaS.Runtime;

/// <summary>What launchers can start. Refuses before anything has been made.</summary>
internal static class SpecRules
{
    /// <summary>Checks a spec.</summary>
    /// <exception cref="ProcessStartException">It can't be started; the message says why.</exception>
    public static void Check(ProcessSpec spec)
    {
        if (spec.Command.IsDefaultOrEmpty || spec.Command[0].Length == 0)
        {
            throw Refuse(spec, "its command is empty");
        }

        if (spec.Command[0].StartsWith('-'))
        {
            throw Refuse(spec, "its program's name starts with '-'; give its path");
        }

        if (spec.Command.Any(static argument => argument is null || argument.Contains('\0', StringComparison.Ordinal)))
        {
            throw Refuse(spec, "an argument of its command holds a NUL character");
        }

        if (!Path.IsPathFullyQualified(spec.WorkingDirectory) || spec.WorkingDirectory.Contains('\0', StringComparison.Ordinal))
        {
            throw Refuse(spec, $"its working directory '{spec.WorkingDirectory}' is not an absolute path");
        }

        if (LimitRules.Problem(spec.Limits) is { } problem)
        {
            throw Refuse(spec, problem);
        }

        if (spec.Terminal is { Columns: 0 } or { Rows: 0 })
        {
            throw Refuse(spec, "its terminal has no columns or no rows");
        }

        CheckUser(spec);
    }

    /// <summary>Checks what a process without mounts of its own can't have.</summary>
    /// <exception cref="ProcessStartException">It can't be started; the message says why.</exception>
    public static void CheckPlain(ProcessSpec spec)
    {
        if (!Directory.Exists(spec.WorkingDirectory))
        {
            throw Refuse(spec, $"its working directory '{spec.WorkingDirectory}' is not an absolute path of a directory that exists");
        }

        if (!spec.Mounts.IsDefaultOrEmpty)
        {
            throw Refuse(spec, "it asks for mounts, and this launcher has no mount namespaces; use the sandbox");
        }
    }

    private static void CheckUser(ProcessSpec spec)
    {
        if (spec.UserId is <= 0)
        {
            throw Refuse(spec, $"user id {spec.UserId} is not an ordinary user's");
        }

        if (spec.UserId is not null && Libc.EffectiveUserId() != 0)
        {
            throw Refuse(spec, $"it is to run as user {spec.UserId}, and only root can change the user. Run the host as root, or start without a user id");
        }
    }

    public static ProcessStartException Refuse(ProcessSpec spec, string why) => new($"{spec.Label} can't be started: {why}.");
}
