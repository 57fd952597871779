namespace PaaS.Runtime;

/// <summary>
/// The other end of an attached dyno's input and output: reading gives what it writes, until the end of its output;
/// writing is its input. One reader and one writer may work at the same time. Disposing it disconnects: it does not end
/// the dyno.
/// </summary>
public abstract class DynoAttachment : Stream
{
    /// <summary>Changes the size of the dyno's terminal. Does nothing if it has none.</summary>
    /// <param name="size">The new size.</param>
    /// <exception cref="ArgumentOutOfRangeException">It has no columns or no rows.</exception>
    public abstract void Resize(TerminalSize size);

    /// <summary>Ends the dyno's input; its output goes on. A terminal gets its end-of-file character.</summary>
    public abstract void CloseInput();
}
