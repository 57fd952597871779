using System.Security;

namespace PaaS.Buildpacks;

/// <summary>The settings of the platform's operator, as Maven's global ones: an app's own settings.xml comes before them.</summary>
internal static class MavenSettings
{
    /// <summary>The text of settings.xml, or null where Maven's own defaults hold.</summary>
    public static string? Text(MavenIndex index)
    {
        if (index.Central is not { } address)
        {
            return null;
        }

        var escaped = SecurityElement.Escape(address);
        var mirror = $"""
              <mirrors>
                <mirror>
                  <id>paas-mirror</id>
                  <mirrorOf>{(index.IsSystem ? "*" : "central")}</mirrorOf>
                  <url>{escaped}</url>
                </mirror>
              </mirrors>
            """;

        // Packages carry no checksums beside their artifacts; a warning for each says nothing.
        var repository = $"""
              <id>central</id><url>{escaped}</url>
              <releases><checksumPolicy>ignore</checksumPolicy><updatePolicy>never</updatePolicy></releases>
              <snapshots><enabled>false</enabled></snapshots>
            """;
        var profile = $"""
              <profiles>
                <profile>
                  <id>paas-system</id>
                  <repositories><repository>{repository}</repository></repositories>
                  <pluginRepositories><pluginRepository>{repository}</pluginRepository></pluginRepositories>
                </profile>
              </profiles>
              <activeProfiles><activeProfile>paas-system</activeProfile></activeProfiles>
            """;
        return $"<settings>\n{mirror}\n{(index.IsSystem ? profile + "\n" : string.Empty)}</settings>\n";
    }
}
