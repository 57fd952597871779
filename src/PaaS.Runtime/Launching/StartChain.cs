using System.Net;

namespace PaaS.Runtime;

/// <summary>
/// What a launcher puts between posix_spawn and the command: the programs that replace or start one another, and what they
/// need. The last of them says on descriptor 3 that it is ready, reads the command's environment there and becomes the command.
/// </summary>
/// <param name="arguments">The first program's absolute path, its arguments, and with them the whole chain.</param>
internal class StartChain(IReadOnlyList<string> arguments)
{
    /// <summary>The argument list.</summary>
    public IReadOnlyList<string> Arguments => arguments;

    /// <summary>Descriptors of the host's that become 4, 5 and so on in the chain.</summary>
    public virtual IReadOnlyList<int> Descriptors => [];

    /// <summary>Whether the first process is the one that a terminal's signals are for.</summary>
    public virtual bool LeadsTerminal => true;

    /// <summary>The address of the network that the chain is in; <see langword="null"/> if that is the host's.</summary>
    public virtual IPAddress? Address => null;

    /// <summary>What the launcher itself ended the process for, if it did.</summary>
    public virtual ProcessExitReason Reason => ProcessExitReason.Ended;

    /// <summary>Takes the calling thread to where the chain is to be born, until the result is disposed of. Runs on the <see cref="SpawnThread"/>.</summary>
    public virtual IDisposable? Enter() => null;

    /// <summary>Closes what the chain has now got.</summary>
    public virtual void CloseChildEnds()
    {
    }

    /// <summary>The first process is in its group and on record: it may start others.</summary>
    /// <param name="pid">The first process.</param>
    public virtual void Confirm(int pid)
    {
    }

    /// <summary>The chain stands and the command is about to run.</summary>
    /// <param name="process">Its tree.</param>
    public virtual void Started(LaunchedProcess process)
    {
    }

    /// <summary>Whether a process of the tree is a link of the chain that stays, and gets no signal of the command's.</summary>
    /// <param name="pid">The process.</param>
    public virtual bool Owns(int pid) => false;

    /// <summary>Takes away everything the chain needed; nothing of the tree is alive, or it has never been started.</summary>
    /// <returns>Whether nothing of it is left.</returns>
    public virtual ValueTask<bool> RemoveAsync() => new(true);
}
