using System.IO.Pipelines;

namespace PaaS.Buildpacks;

/// <summary>Packs a built tree into the store.</summary>
internal sealed class SlugPacker(ISlugStore store, BuildWorkspace workspace, BuildOutput output)
{
    private const long SoftLimit = 300L << 20;

    /// <summary>Packs.</summary>
    /// <exception cref="SlugArchiveException">The tree can't become a slug.</exception>
    public async ValueTask<(SlugId Id, long Size)> PackAsync(CancellationToken cancellationToken)
    {
        output.Line(string.Empty);
        output.Heading("Compressing...");
        var (packed, id) = await StoreAsync(cancellationToken).ConfigureAwait(false);
        foreach (var name in packed.LeftOut)
        {
            output.Warning($"'{name}' is left out of the slug: it is a socket, a FIFO or a device, or its name is not valid UTF-8.");
        }

        output.Detail($"Done: {ByteCount.Short(packed.Size)}");
        if (packed.CachedBlocks > 0)
        {
            output.Detail($"{packed.CachedBlocks} of {packed.Blocks} blocks unchanged since the last build");
        }

        if (packed.CacheProblem is not null)
        {
            // What the system said names directories of the host's, which are not the tenant's to see.
            output.Warning("The slug is whole, but the next one may take longer: its blocks could not all be kept. Tell the platform's operator: the disk of the build caches refused them.");
        }

        if (packed.Size > SoftLimit)
        {
            output.Warning($"Your slug size ({packed.Size >> 20} MB) exceeds our soft limit ({SoftLimit >> 20} MB) which may affect boot time.");
        }

        return (id, packed.Size);
    }

    /// <summary>Packs straight into the store, which takes the digest on the way: nothing is written or read twice.</summary>
    private async ValueTask<(SlugArchiveResult Packed, SlugId Id)> StoreAsync(CancellationToken cancellationToken)
    {
        var pipe = new Pipe(new PipeOptions(pauseWriterThreshold: 4 << 20, resumeWriterThreshold: 2 << 20, minimumSegmentSize: 64 << 10, useSynchronizationContext: false));
        var storing = TakeAsync();
        SlugArchiveResult packed;
        try
        {
            packed = await SlugArchive.WriteAsync(workspace.App, pipe.Writer.AsStream(leaveOpen: true), workspace.ArchiveOptions, cancellationToken).ConfigureAwait(false);
        }
        catch (Exception e)
        {
            // The store must not take what is there so far for the whole.
            await pipe.Writer.CompleteAsync(e).ConfigureAwait(false);
            await ((Task)storing).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            throw;
        }

        await pipe.Writer.CompleteAsync().ConfigureAwait(false);
        return (packed, await storing.ConfigureAwait(false));

        async Task<SlugId> TakeAsync()
        {
            try
            {
                var (id, _) = await store.PutAsync(pipe.Reader.AsStream(leaveOpen: true), cancellationToken).ConfigureAwait(false);
                return id;
            }
            finally
            {
                await pipe.Reader.CompleteAsync().ConfigureAwait(false);
            }
        }
    }
}
