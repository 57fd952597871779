using System.Collections.Concurrent;
using System.Threading.Channels;

namespace PaaS.Buildpacks;

/// <summary>
/// One packing: the tree is read into blocks, several are compressed at the same time, and they are written in their order. Not more
/// than a few blocks are there at once.
/// </summary>
internal sealed class SlugPacking : IDisposable
{
    private readonly string _directory;
    private readonly SlugArchiveOptions _options;
    private readonly BlockCompressor _compressor;
    private readonly SemaphoreSlim _room;
    private readonly ConcurrentBag<SlugBlock> _free = [];
    private readonly Channel<Task<SlugBlock>> _blocks;
    private BlockCache? _cache;
    private SlugWalk? _walk;
    private long _size;
    private int _count;
    private int _cached;

    public SlugPacking(string directory, SlugArchiveOptions options)
    {
        _directory = directory;
        _options = options;
        _compressor = BlockCompressor.Of(options.Format);

        // One is being filled and one written while the others are compressed.
        var blocks = options.Processors + 2;
        _room = new SemaphoreSlim(blocks);
        _blocks = Channel.CreateUnbounded<Task<SlugBlock>>(new UnboundedChannelOptions { SingleReader = true, SingleWriter = true });
    }

    public async ValueTask<SlugArchiveResult> RunAsync(Stream destination, CancellationToken cancellationToken)
    {
        string? problem = null;
        if (_options is { CacheDirectory: { } directory, CacheBytes: > 0 })
        {
            _cache = BlockCache.Open(directory, _options.CacheBytes, _compressor.Identity, out problem);
        }

        using var stop = CancellationTokenSource.CreateLinkedTokenSource(cancellationToken);
        var reading = Task.Run(() => ReadAsync(stop.Token), CancellationToken.None);
        try
        {
            await foreach (var packing in _blocks.Reader.ReadAllAsync(stop.Token).ConfigureAwait(false))
            {
                await WriteAsync(await packing.ConfigureAwait(false), destination, stop.Token).ConfigureAwait(false);
            }

            await reading.ConfigureAwait(false);
        }
        finally
        {
            await stop.CancelAsync().ConfigureAwait(false);
            await reading.ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            while (_blocks.Reader.TryRead(out var left))
            {
                await ((Task)left).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
            }

            _cache?.Finish();
        }

        ThrowIfTooLarge();
        return new SlugArchiveResult(_size, _walk!.Written, _count, _cached, _walk.LeftOut, problem ?? _cache?.Problem);
    }

    public void Dispose()
    {
        _walk?.Dispose();
        _cache?.Dispose();
        _room.Dispose();
    }

    private async Task ReadAsync(CancellationToken cancellationToken)
    {
        Exception? failure = null;
        try
        {
            _walk = new SlugWalk(TreeDirectory.Open(_directory), _compressor.Shape);
            while (true)
            {
                await _room.WaitAsync(cancellationToken).ConfigureAwait(false);
                var block = _free.TryTake(out var free) ? free : new SlugBlock(_compressor.Shape.Most);
                if (!_walk.Fill(block))
                {
                    break;
                }

                _blocks.Writer.TryWrite(Task.Run(() => Pack(block), CancellationToken.None));
            }
        }
        catch (TreeException e)
        {
            failure = new SlugArchiveException($"The app's directory was changed while it was packed: {e.Message} Stop what the build left running.", e);
        }
        catch (Exception e)
        {
            // Whoever awaits the blocks gets it.
            failure = e;
        }

        _blocks.Writer.Complete(failure);
    }

    private SlugBlock Pack(SlugBlock block)
    {
        block.Name = _cache?.NameOf(block.Content) ?? 0;
        block.IsCached = _cache?.TryRead(block.Name, block.Packed) == true;
        if (!block.IsCached)
        {
            _compressor.Compress(block);
        }

        return block;
    }

    private async ValueTask WriteAsync(SlugBlock block, Stream destination, CancellationToken cancellationToken)
    {
        var length = (int)block.Packed.Length;
        _count++;
        _cached += block.IsCached ? 1 : 0;

        // Past the limit the rest is only counted, to say how large it would be.
        _size += length;
        if (_size <= _options.MaxBytes)
        {
            var packed = block.Packed.GetBuffer().AsMemory(0, length);
            await destination.WriteAsync(packed, cancellationToken).ConfigureAwait(false);
            _cache?.Keep(block.Name, packed, block.IsCached);
        }

        _free.Add(block);
        _room.Release();
    }

    private void ThrowIfTooLarge()
    {
        if (_size > _options.MaxBytes)
        {
            throw new SlugArchiveException(
                $"Compiled slug size: {ByteCount.Short(_size)} is too large (max is {ByteCount.Short(_options.MaxBytes)}).\n" +
                "Have the build remove what the app does not need, or list it in .slugignore.");
        }
    }
}
