using System.Reflection;

namespace PaaS.Api.Tests;

/// <summary>The six packages, and which of the others each may refer to.</summary>
internal static class Packages
{
    public static readonly IReadOnlyDictionary<string, string[]> MayReference = new Dictionary<string, string[]>(StringComparer.Ordinal)
    {
        ["PaaS.Core"] = [],
        ["PaaS.Buildpacks"] = ["PaaS.Core"],
        ["PaaS.Runtime"] = ["PaaS.Core"],
        ["PaaS.Routing"] = ["PaaS.Core"],
        ["PaaS.Hosting"] = ["PaaS.Core", "PaaS.Buildpacks", "PaaS.Runtime", "PaaS.Routing"],
        ["PaaS.Testing"] = ["PaaS.Core", "PaaS.Buildpacks", "PaaS.Runtime", "PaaS.Routing", "PaaS.Hosting"],
    };

    /// <summary>The names as rows for theories.</summary>
    public static TheoryData<string> Names => [.. MayReference.Keys];

    public static Assembly Load(string package) => Assembly.Load(package);
}
