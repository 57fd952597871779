namespace PaaS.Runtime;

/// <summary>One process of a local run with all it has started.</summary>
/// <param name="handle">Its handle.</param>
internal sealed class LocalTree(ProcessHandle handle)
{
    private readonly TaskCompletionSource _killed = new(TaskCreationOptions.RunContinuationsAsynchronously);

    public ProcessHandle Handle => handle;

    /// <summary>Completes when it is to be killed.</summary>
    public Task Killed => _killed.Task;

    /// <summary>Has its watch kill it.</summary>
    public void Kill() => _killed.TrySetResult();
}
