using System.Buffers;
using Microsoft.AspNetCore.Http.Features;

namespace PaaS.Routing;

/// <summary>
/// The pair of connections after the dyno has agreed to an upgrade: bytes both ways until one end closes or both are silent for
/// the idle time. What the closing end sent last is delivered, then the other end is closed. A closing is how such sessions end: no error.
/// </summary>
internal static class Tunnel
{
    private const int BufferSize = 16 * 1024;

    /// <summary>Runs the tunnel to its end.</summary>
    /// <returns><see langword="null"/> after a close by either end, H15 after silence.</returns>
    public static async Task<RouterError?> RunAsync(ContextExchange exchange, HttpResponseMessage message)
    {
        var watch = exchange.Watch;
        exchange.IsTunnel = true;
        await using var dyno = await message.Content.ReadAsStreamAsync(watch.Token);
        await using var client = await exchange.Context.Features.Get<IHttpUpgradeFeature>()!.UpgradeAsync();
        using var closing = CancellationTokenSource.CreateLinkedTokenSource(watch.Token);
        var up = CopyAsync(client, dyno, null, closing.Token);
        var down = CopyAsync(dyno, client, exchange, closing.Token);
        await Task.WhenAny(up, down);
        await closing.CancelAsync();
        await Task.WhenAll(up, down);
        return watch.Expired ? RouterError.IdleConnection : null;

        async Task CopyAsync(Stream from, Stream to, ContextExchange? count, CancellationToken cancellationToken)
        {
            var buffer = ArrayPool<byte>.Shared.Rent(BufferSize);
            try
            {
                while (await from.ReadAsync(buffer, cancellationToken) is var read and not 0)
                {
                    watch.Touch(Waiting.DynoToSend);
                    await to.WriteAsync(buffer.AsMemory(0, read), cancellationToken);
                    await to.FlushAsync(cancellationToken);
                    watch.Touch(Waiting.DynoToSend);
                    if (count is not null)
                    {
                        count.Bytes += read;
                    }
                }
            }
            catch (Exception e) when (e is IOException or OperationCanceledException)
            {
                // One end went away without a word, or the other direction has ended.
            }
            finally
            {
                ArrayPool<byte>.Shared.Return(buffer);
            }
        }
    }
}
