using System.Globalization;

namespace PaaS.Hosting;

internal sealed record UsageBody(string Month, string Type, string Size, long Seconds);

internal sealed record AppQuotaBody(Guid AppUuid, long QuotaUsed);

internal sealed record QuotaBody(long AccountQuota, long QuotaUsed, AppQuotaBody[] Apps);

/// <summary><c>/apps/{app}/usage</c>: dyno-seconds; <c>/accounts/{account}/actions/get-quota</c>: the month's free hours, in seconds.</summary>
internal sealed class UsageResource(Platform platform)
{
    public void Map(ApiRoutes routes)
    {
        routes.Get("/apps/{app}/usage", UsageAsync);
        routes.Get("/accounts/{account}/actions/get-quota", QuotaAsync);
    }

    private async Task UsageAsync(ApiRequest request)
    {
        DateOnly? month = null;
        if (request.Context.Request.Query["month"].ToString() is { Length: > 0 } text)
        {
            if (!DateOnly.TryParseExact(text, "yyyy-MM", CultureInfo.InvariantCulture, DateTimeStyles.None, out var parsed))
            {
                await request.WriteAsync(new Refusal(RefusalCode.Invalid, "A month is a year and a month such as 2026-11."));
                return;
            }

            month = parsed;
        }

        if (!platform.GetUsage(request.Actor, request.Route("app"), month).TryGet(out var usage, out var refusal))
        {
            await request.WriteAsync(refusal);
            return;
        }

        await request.WriteAsync(
            [.. usage.Select(static entry => new UsageBody(entry.Key.Month.ToString("yyyy-MM", CultureInfo.InvariantCulture), entry.Key.Type.ToString(), entry.Key.Size.ToString(), (long)entry.Time.TotalSeconds))],
            ApiJson.Readable.UsageBodyArray);
    }

    private async Task QuotaAsync(ApiRequest request)
    {
        if (request.Route("account") is var account && account != "~" && account != request.Actor.Account.Value.ToString() && account != request.Actor.Email)
        {
            await request.WriteAsync(new Refusal(RefusalCode.NotFound, "Couldn't find that account."));
            return;
        }

        if (platform.FreeHours is not { } hours)
        {
            await request.WriteAsync(new Refusal(RefusalCode.NotFound, "There is no quota of free hours here."));
            return;
        }

        var apps = from app in platform.ListApps(request.Actor)
                   let used = platform.GetFreeHoursUsed(request.Actor, app.Id.ToString())
                   where used.Refusal is null
                   select new AppQuotaBody(app.Id.Value, used.TryGet(out var time, out _) ? (long)time.TotalSeconds : 0);
        await request.WriteAsync(new QuotaBody((long)hours.Quota.TotalSeconds, (long)hours.Used.TotalSeconds, [.. apps]), ApiJson.Readable.QuotaBody);
    }
}
