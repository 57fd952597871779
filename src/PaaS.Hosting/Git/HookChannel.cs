using System.IO.Pipes;

namespace PaaS.Hosting;

/// <summary>The host's end of one push's hook: a directory with two FIFOs, see <see cref="GitHook"/>.</summary>
internal sealed class HookChannel : IAsyncDisposable
{
    private readonly PipeStream _request;
    private readonly PipeStream _output;

    private HookChannel(string directory)
    {
        Path = directory;
        Fifo.Make(At(GitHook.Request));
        Fifo.Make(At(GitHook.Output));
        _request = Fifo.Open(At(GitHook.Request), PipeDirection.In);
        _output = Fifo.Open(At(GitHook.Output), PipeDirection.Out);
    }

    /// <summary>The directory that the hook is told of.</summary>
    public string Path { get; }

    /// <summary>Opens a channel in a directory of its own.</summary>
    /// <param name="parent">Where.</param>
    public static HookChannel Open(string parent)
    {
        var directory = System.IO.Path.Combine(parent, Guid.NewGuid().ToString("N"));
        GitRepositories.MakePrivate(directory);
        try
        {
            return new HookChannel(directory);
        }
        catch
        {
            Directory.Delete(directory, recursive: true);
            throw;
        }
    }

    /// <summary>Waits for what the hook has to say. It never comes if git refuses the push by itself.</summary>
    public Task<PushRequest> ReadRequestAsync(CancellationToken cancellationToken) => PushRequest.ReadAsync(_request, cancellationToken);

    /// <summary>Hands lines on until they are complete.</summary>
    public Task RelayAsync(PushOutput output, CancellationToken cancellationToken) => output.CopyToAsync(_output, cancellationToken);

    /// <summary>Lets the hook go, when all lines have been handed on.</summary>
    public async ValueTask AnswerAsync(bool accepted)
    {
        await File.WriteAllTextAsync(At(GitHook.Verdict), (accepted ? GitHook.Accepted : GitHook.Rejected) + "\n", CancellationToken.None);
        await _output.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await _request.DisposeAsync();
        await _output.DisposeAsync();
        Directory.Delete(Path, recursive: true);
    }

    private string At(string name) => System.IO.Path.Combine(Path, name);
}
