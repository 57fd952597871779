namespace PaaS.Hosting;

internal sealed record AccountBody(Guid Id, string Email, string Name, bool TwoFactorAuthentication, bool Verified, NamedReference? DefaultTeam, DateTimeOffset CreatedAt, DateTimeOffset UpdatedAt);

/// <summary><c>/account</c>: who the token belongs to.</summary>
internal static class AccountResource
{
    public static void Map(ApiRoutes routes)
    {
        routes.Get("/account", InfoAsync);
        routes.Get("/users/~", InfoAsync);
    }

    private static Task InfoAsync(ApiRequest request) => request.WriteAsync(
        new AccountBody(request.Actor.Account.Value, request.Actor.Email, "Operator", false, true, null, DateTimeOffset.UnixEpoch, DateTimeOffset.UnixEpoch),
        ApiJson.Readable.AccountBody);
}
