namespace PaaS.Hosting;

/// <summary>The account that the operator's token belongs to. It is there without having been created.</summary>
internal static class BuiltInAccount
{
    public static Actor Operator { get; } = new(new AccountId(new Guid("6f0b2a3e-0000-4000-8000-000000000001")), "operator@localhost");
}
