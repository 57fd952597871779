using System.Security;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>The variables of dotnet's commands in a build, and of an app's dynos.</summary>
internal static class DotnetEnvironment
{
    /// <summary>What <c>dotnet</c> gets: its packages in the cache, and no servers that would outlive a command.</summary>
    public static Dictionary<string, string> Of(BuildContext context)
    {
        var environment = CommandEnvironment.Of(
            context,
            [
                new("DOTNET_NOLOGO", "true"),
                new("DOTNET_CLI_TELEMETRY_OPTOUT", "true"),
                new("DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "true"),
                new("DOTNET_GENERATE_ASPNET_CERTIFICATE", "false"),
                new("DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE", "true"),
                new("DOTNET_SKIP_WORKLOAD_INTEGRITY_CHECK", "true"),
                new("NUGET_XMLDOC_MODE", "skip"),
            ],
            ["NUGET_PACKAGES", "DOTNET_CLI_HOME", "DOTNET_ROOT"]);
        environment["NUGET_PACKAGES"] = Path.Combine(context.CacheDirectory, "nuget");
        environment["DOTNET_CLI_HOME"] = context.Environment.GetValueOrDefault("HOME", "/tmp");
        environment["MSBUILDDISABLENODEREUSE"] = "1";
        environment["DOTNET_CLI_USE_MSBUILD_SERVER"] = "0";
        environment["UseSharedCompilation"] = "false";
        environment["UseRazorBuildServer"] = "false";
        return environment;
    }

    /// <summary>Has NuGet ask the operator's mirror instead of nuget.org. An app's own nuget.config comes before it.</summary>
    public static void WriteMirror(BuildContext context)
    {
        if (context.Packages.NuGet is { } mirror)
        {
            var insecure = mirror.Scheme == Uri.UriSchemeHttp ? " allowInsecureConnections=\"true\"" : string.Empty;
            TreeFile.Write(context.Environment["HOME"], ".nuget/NuGet/NuGet.Config", Encoding.UTF8.GetBytes($"""
                <?xml version="1.0" encoding="utf-8"?>
                <configuration>
                  <packageSources>
                    <clear />
                    <add key="nuget.org" value="{SecurityElement.Escape(mirror.AbsoluteUri)}" protocolVersion="3"{insecure} />
                  </packageSources>
                </configuration>

                """), executable: false, context.UserId);
        }
    }

    /// <summary>
    /// What dynos source. The runtime is the machine's, and knows nothing of a dyno's memory where there is no cgroup to be seen: the heap gets three
    /// quarters of it, as in a container.
    /// </summary>
    public static string Profile(string root) => $$"""
        export DOTNET_ROOT="${DOTNET_ROOT:-{{root}}}"
        export PATH="$DOTNET_ROOT:$PATH"
        export DOTNET_NOLOGO=true DOTNET_CLI_TELEMETRY_OPTOUT=true DOTNET_RUNNING_IN_CONTAINER=true
        if [ -z "${DOTNET_GCHeapHardLimit:-}${DOTNET_GCHeapHardLimitPercent:-}" ]; then
            case ${MEMORY_AVAILABLE:-} in
                '' | *[!0-9]*) ;;
                *) DOTNET_GCHeapHardLimit=$(printf '%x' $((MEMORY_AVAILABLE * 1048576 / 4 * 3))) && export DOTNET_GCHeapHardLimit ;;
            esac
        fi

        """;
}
