using System.Security.Cryptography;
using System.Text;

namespace PaaS.Hosting;

/// <summary>A stable UUID for something that has a name inside an app and no id of its own.</summary>
internal static class DerivedId
{
    public static Guid Of(AppId app, string name) => new(SHA256.HashData([.. app.Value.ToByteArray(), .. Encoding.UTF8.GetBytes(name)]).AsSpan(0, 16));
}
