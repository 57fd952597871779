namespace PaaS.Routing;

/// <summary>Headers of the embedder's own.</summary>
internal sealed partial class Exchange
{
    /// <summary>Gathered apart from the head: the policy may look at the head while it adds to it.</summary>
    private readonly ByteBuffer _extra = new();

    /// <summary>Lines for the head of the response, each with its CRLF. For <see cref="IClientHalf.BeginResponse"/> and <see cref="IClientHalf.BeginTunnel"/>.</summary>
    public ReadOnlySpan<byte> ExtraToClient => _extra.Written;

    private void AddToDyno()
    {
        if (_lane.Engine.Policies.ExtraHeaders is { } policy)
        {
            policy.ToDyno(new RequestView(Facts, _dynoHead.Written), new HeaderLines(_extra));
            _dynoHead.Write(_extra.Written);
            _extra.Clear();
        }
    }

    /// <summary>Asks before anything of the response is relayed: if the policy fails, the client gets H99 and not a response without headers that may be there to protect it.</summary>
    private bool TryAddToClient()
    {
        if (_lane.Engine.Policies.ExtraHeaders is not { } policy)
        {
            return true;
        }

        _extra.Clear();
        try
        {
            policy.ToClient(new RequestView(Facts, _dynoHead.Written), new HeaderLines(_extra));
            return true;
        }
#pragma warning disable CA1031 // As in Begin.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            Broken(exception);
            return false;
        }
    }
}
