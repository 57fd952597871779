using System.Collections.Immutable;

namespace PaaS.Buildpacks;

/// <summary>Starts the commands of one build.</summary>
internal sealed class BuildCommands(BuildContext context, IProcessLauncher launcher, BuildSandbox sandbox, string label, TimeProvider time)
{
    /// <summary>After the tree was killed its pipe ends at once; this is for a pipe that something outside the tree holds.</summary>
    private static readonly TimeSpan OutputGrace = TimeSpan.FromSeconds(5);

    public async ValueTask<ProcessExit> RunAsync(
        ImmutableArray<string> command, IReadOnlyDictionary<string, string>? environment, string? directory, Func<Stream, Task> output, CancellationToken cancellationToken)
    {
        ArgumentOutOfRangeException.ThrowIfZero(command.Length, nameof(command));
        var variables = environment is null ? context.Environment : context.Environment.SetItems(environment);
        var spec = sandbox.Enclose(new ProcessSpec
        {
            Command = command.SetItem(0, context.FindProgram(command[0]) ?? command[0]),
            WorkingDirectory = directory is null ? context.AppPath : Path.Combine(context.AppPath, directory),
            Environment = variables,
            UserId = context.UserId,
            Label = label,
        });
        return await RunAsync(spec, output, null, cancellationToken).ConfigureAwait(false);
    }

    public ValueTask<ProcessExit> RunAsync(BuildCommand command, CancellationToken cancellationToken)
    {
        var spec = sandbox.Enclose(
            new ProcessSpec
            {
                Command = command.Command,
                WorkingDirectory = command.WorkingDirectory,
                Environment = command.Environment,
                UserId = context.UserId,
                Label = label,
                SeparateError = command.Error is not null,
            },
            command.Mounts);
        if (command.MaxBytes is { } most)
        {
            spec = spec with { Limits = spec.Limits with { DiskBytes = Math.Min(most, spec.Limits.DiskBytes ?? most), FileSizeBytes = most } };
        }

        return RunAsync(spec, command.Output, command.Error, cancellationToken);
    }

    private async ValueTask<ProcessExit> RunAsync(ProcessSpec spec, Func<Stream, Task> output, Func<Stream, Task>? error, CancellationToken cancellationToken)
    {
        var process = await launcher.StartAsync(spec, cancellationToken).ConfigureAwait(false);
        await using (process.ConfigureAwait(false))
        {
            var pump = error is null ? output(process.Output) : Task.WhenAll(output(process.Output), error(process.Error));
            ProcessExit exit;
            try
            {
                exit = await ExitAsync(process, pump, cancellationToken).ConfigureAwait(false);
            }
            finally
            {
                // A daemon left behind must neither hold the build open nor survive it.
                await process.KillTreeAsync(CancellationToken.None).ConfigureAwait(false);
                await Task.WhenAny(pump, Task.Delay(OutputGrace, time, CancellationToken.None)).ConfigureAwait(false);
            }

            if (pump.IsFaulted)
            {
                await pump.ConfigureAwait(false);
            }

            Explain(exit.Reason, spec.Limits);
            return exit;
        }
    }

    /// <summary>A program whose output nobody takes any more would wait for ever: what took it has failed, and so has the build.</summary>
    private static async ValueTask<ProcessExit> ExitAsync(ProcessHandle process, Task pump, CancellationToken cancellationToken)
    {
        var exited = process.Exited.WaitAsync(cancellationToken);
        if (await Task.WhenAny(exited, pump).ConfigureAwait(false) == pump)
        {
            await pump.ConfigureAwait(false);
        }

        return await exited.ConfigureAwait(false);
    }

    private void Explain(ProcessExitReason reason, ProcessLimits limits)
    {
        if (reason == ProcessExitReason.OutOfMemory)
        {
            context.Output.Error($"The build used more than {ByteCount.Short(limits.MemoryBytes ?? 0)} of memory and was stopped. Let it do less at once, or have the platform's operator raise the limit.");
        }
        else if (reason == ProcessExitReason.OutOfDisk)
        {
            context.Output.Error($"The build, its cache and its temporary files came over {ByteCount.Short(limits.DiskBytes ?? 0)} of disk, and it was stopped. Let it write less, or have the platform's operator raise the limit.");
        }
    }
}
