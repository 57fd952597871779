using System.Security.Cryptography;
using Microsoft.AspNetCore.Http;

namespace PaaS.Hosting;

internal sealed record BuildSourceBlobBody(string? Url, string? Version, string? Checksum);

internal sealed record BuildCreateBody(BuildSourceBlobBody? SourceBlob);

/// <summary><c>POST /apps/{app}/builds</c>: builds an uploaded or fetched source archive.</summary>
internal sealed class BuildSourcesResource(Platform platform, SourceUploads uploads, SourcesResource sources, OutboundGuard outbound, BuildsResource builds, PaaSOptions options)
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromMinutes(10);
    private const int MaxVersionLength = 100;

    public void Map(ApiRoutes routes) => routes.Post("/apps/{app}/builds", CreateAsync);

    private async Task CreateAsync(ApiRequest request)
    {
        if (await request.ReadAsync(ApiJson.Readable.BuildCreateBody) is not { } body)
        {
            return;
        }

        if (!platform.FindApp(request.Actor, request.Route("app")).TryGet(out var app, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        if (body.SourceBlob is not { Url: { Length: > 0 and <= 8192 } url } blob)
        {
            await ApiError.Invalid("Send {\"source_blob\": {\"url\": ...}} with an address from POST /sources, or a public https address of a tar.gz.").WriteAsync(request.Context);
            return;
        }

        if (blob.Version is { } version && (version.Length > MaxVersionLength || version.Any(c => c is < ' ' or > '~')))
        {
            await ApiError.Invalid($"source_blob.version must be at most {MaxVersionLength} printable ASCII characters.").WriteAsync(request.Context);
            return;
        }

        if (!TryReadChecksum(blob.Checksum, out var checksum))
        {
            await ApiError.Invalid("source_blob.checksum must be 'SHA256:' followed by 64 hex digits.").WriteAsync(request.Context);
            return;
        }

        if (OpenerOf(url, out var open) is { } problem)
        {
            await ApiError.Invalid(problem).WriteAsync(request.Context);
            return;
        }

        var checkedOpen = checksum is null ? open : async token => await VerifiedAsync(await open(token), checksum, token);
        var outcome = await platform.StartBuildAsync(request.Actor, request.Route("app"), checkedOpen, blob.Version);
        if (!outcome.TryGet(out var build, out refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        await request.WriteAsync(builds.BodyOf(request, app, build), ApiJson.Readable.BuildBody, StatusCodes.Status201Created);
    }

    private string? OpenerOf(string url, out Func<CancellationToken, ValueTask<Stream>> open)
    {
        open = _ => throw new InvalidOperationException();
        if (sources.SecretOf(url) is { } secret)
        {
            if (!uploads.HasArchive(secret))
            {
                return "Nothing has been uploaded to this address yet. PUT the tar.gz to source_blob.put_url first.";
            }

            open = _ => ValueTask.FromResult(uploads.Take(secret) ?? throw new SourceException("The uploaded archive was used by another build. Upload it again."));
            return null;
        }

        try
        {
            var address = outbound.Check(url);
            open = async token => await outbound.FetchAsync(address, new OutboundLimits(options.MaxSourceBytes, FetchTimeout), token);
            return null;
        }
        catch (OutboundException refused)
        {
            return refused.Message;
        }
    }

    private static bool TryReadChecksum(string? text, out byte[]? digest)
    {
        digest = null;
        if (text is null)
        {
            return true;
        }

        if (!text.StartsWith("SHA256:", StringComparison.OrdinalIgnoreCase) || text.Length != 71 || !text.AsSpan(7).ToString().All(char.IsAsciiHexDigit))
        {
            return false;
        }

        digest = Convert.FromHexString(text.AsSpan(7));
        return true;
    }

    private async Task<Stream> VerifiedAsync(Stream source, byte[] checksum, CancellationToken cancellationToken)
    {
        await using (source)
        {
            // Checked before anything is unpacked, so it has to be on disk first.
            var copy = uploads.OpenCopy();
            try
            {
                await source.CopyToAsync(copy, cancellationToken);
                copy.Position = 0;
                var actual = await SHA256.HashDataAsync(copy, cancellationToken);
                if (!actual.AsSpan().SequenceEqual(checksum))
                {
                    throw new SourceException($"The source archive's checksum is SHA256:{Convert.ToHexStringLower(actual)}, not the one that was announced. Upload it again.");
                }

                copy.Position = 0;
                return copy;
            }
            catch
            {
                await copy.DisposeAsync();
                throw;
            }
        }
    }
}
