namespace PaaS.Hosting;

/// <summary>
/// The host's slug store, from which slugs are removed while others are put. A slug that was put is pinned until its release is on
/// record, and nothing is removed while anything is being put: content that comes again may be what is just being removed.
/// </summary>
/// <param name="inner">The store itself.</param>
internal sealed class PinnedSlugStore(ISlugStore inner) : ISlugStore, IDisposable
{
    private readonly SemaphoreSlim _gate = new(1, 1);
    private readonly Dictionary<SlugId, int> _pins = [];
    private int _puts;

    /// <summary>Stores an archive and pins it; <see cref="UnpinAsync"/> ends that.</summary>
    public async ValueTask<(SlugId Id, long Size)> PutAsync(Stream archive, CancellationToken cancellationToken = default)
    {
        await ChangeAsync(() => _puts++, cancellationToken);
        SlugId? stored = null;
        try
        {
            var (id, size) = await inner.PutAsync(archive, cancellationToken);
            stored = id;
            return (id, size);
        }
        finally
        {
            await ChangeAsync(
                () =>
                {
                    _puts--;
                    if (stored is { } id)
                    {
                        Pin(id);
                    }
                },
                CancellationToken.None);
        }
    }

    /// <summary>Pins a slug that is stored already; false if it is not.</summary>
    public async ValueTask<bool> TryPinAsync(SlugId id, CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            await foreach (var stored in inner.ListAsync(cancellationToken))
            {
                if (stored == id)
                {
                    Pin(id);
                    return true;
                }
            }

            return false;
        }
        finally
        {
            _gate.Release();
        }
    }

    /// <summary>Takes one pin off.</summary>
    public async ValueTask UnpinAsync(SlugId id) => await ChangeAsync(
        () =>
        {
            if (_pins.TryGetValue(id, out var pins) && pins > 1)
            {
                _pins[id] = pins - 1;
            }
            else
            {
                _pins.Remove(id);
            }
        },
        CancellationToken.None);

    /// <summary>Removes a slug unless it is needed, pinned, or something is being put.</summary>
    /// <param name="id">The slug.</param>
    /// <param name="isNeeded">Asked when nothing can be pinned or unpinned any more.</param>
    /// <param name="cancellationToken">Gives up.</param>
    /// <returns>Whether it is gone.</returns>
    public async ValueTask<bool> TryDeleteAsync(SlugId id, Func<bool> isNeeded, CancellationToken cancellationToken = default)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            if (_puts > 0 || _pins.ContainsKey(id) || isNeeded())
            {
                return false;
            }

            await inner.DeleteAsync(id, cancellationToken);
            return true;
        }
        finally
        {
            _gate.Release();
        }
    }

    public ValueTask<Stream> OpenAsync(SlugId id, CancellationToken cancellationToken = default) => inner.OpenAsync(id, cancellationToken);

    public IAsyncEnumerable<SlugId> ListAsync(CancellationToken cancellationToken = default) => inner.ListAsync(cancellationToken);

    public ValueTask DeleteAsync(SlugId id, CancellationToken cancellationToken = default) => inner.DeleteAsync(id, cancellationToken);

    public void Dispose() => _gate.Dispose();

    private void Pin(SlugId id) => _pins[id] = _pins.GetValueOrDefault(id) + 1;

    private async ValueTask ChangeAsync(Action change, CancellationToken cancellationToken)
    {
        await _gate.WaitAsync(cancellationToken);
        try
        {
            change();
        }
        finally
        {
            _gate.Release();
        }
    }
}
