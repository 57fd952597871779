using System.Xml.Linq;

namespace PaaS.Api.Tests;

public sealed class ReferenceTests
{
    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void A_package_refers_only_to_packages_below_it(string package)
    {
        var references = Packages.Load(package).GetReferencedAssemblies().Select(static a => a.Name!).Where(static n => n.StartsWith("PaaS.", StringComparison.Ordinal));

        Assert.Empty(references.Except(Packages.MayReference[package]));
    }

    // An assembly lists only what its code uses; a reference that is declared and not used would still be in the package.
    [Theory]
    [MemberData(nameof(Packages.Names), MemberType = typeof(Packages))]
    public void A_project_declares_only_packages_below_it(string package)
    {
        var project = XDocument.Parse(Repository.Read($"src/{package}/{package}.csproj"));
        var references = project.Descendants("ProjectReference").Select(static r => Path.GetFileNameWithoutExtension(r.Attribute("Include")!.Value));

        Assert.Empty(references.Except(Packages.MayReference[package]));
    }

    [Fact]
    public void Every_package_under_src_is_known_here()
    {
        var found = Directory.GetDirectories(Repository.PathOf("src")).Select(static d => Path.GetFileName(d)).Where(static n => n.StartsWith("PaaS.", StringComparison.Ordinal));

        Assert.Equal(Packages.MayReference.Keys.Order(StringComparer.Ordinal), found.Order(StringComparer.Ordinal));
    }

    [Fact]
    public void The_core_needs_no_web_framework()
    {
        foreach (var package in (string[])["PaaS.Core", "PaaS.Buildpacks", "PaaS.Runtime"])
        {
            Assert.DoesNotContain(Packages.Load(package).GetReferencedAssemblies(), static a => a.Name!.StartsWith("Microsoft.AspNetCore", StringComparison.Ordinal));
        }
    }
}
