using System.Net;
using PaaS.Buildpacks;
using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>How a host is set up. Every default suits one machine and one operator.</summary>
public sealed class PaaSOptions
{
    private int? _firstUserId;

    /// <summary>Where the Platform API and git answer.</summary>
    public ListenerOptions Api { get; } = new(5000);

    /// <summary>Where the apps answer.</summary>
    public RouterListenerOptions Router { get; } = new();

    /// <summary>
    /// Where everything is kept. Default: the user's local data folder and <c>paas</c> in it
    /// (<c>$XDG_DATA_HOME/paas</c> or <c>~/.local/share/paas</c>).
    /// </summary>
    public string DataDirectory { get; set; } = Path.Combine(
        Environment.GetFolderPath(Environment.SpecialFolder.LocalApplicationData, Environment.SpecialFolderOption.DoNotVerify), "paas");

    /// <summary>
    /// Where builds and dynos run. Tenants must be able to enter it, so on a host that is root it cannot be inside
    /// <see cref="DataDirectory"/>. Default: <c>/var/lib/paas/work-&lt;hash&gt;</c> for root, else <c>work</c> in the data directory.
    /// </summary>
    public string? WorkDirectory { get; set; }

    /// <summary>
    /// The first of the user ids that apps get on a host that is root, one each, never reused. Default: a block of 100,000
    /// from 1,900,000,000 on, chosen by the data directory's path, so that two hosts of one machine do not meet. Ids of
    /// 65,536 and more that nobody else on the machine is given.
    /// </summary>
    public int FirstUserId
    {
        get => _firstUserId ?? UserIdBlock.Of(DataDirectory);
        set => _firstUserId = value is >= 65_536 and < 2_147_000_000 ? value : throw new ArgumentOutOfRangeException(nameof(value), value, "User ids of apps are 65,536 to 2,146,999,999.");
    }

    /// <summary>The operator's token, 16 characters or more. Default: the one in the data directory, made at the first start.</summary>
    public string? Token { get; set; }

    /// <summary>A file that gets one line of JSON with the addresses and the token's file when everything answers; <see langword="null"/> for none.</summary>
    public string? ReadyFile { get; set; }

    /// <summary>The domain under which apps answer: app <c>foo</c> is <c>foo.localhost</c> by default.</summary>
    public string AppDomain { get; set; } = "localhost";

    /// <summary>The largest push in bytes. Default 1 GiB (Heroku: source of 1 GB).</summary>
    public long MaxPushBytes { get; set; } = 1L << 30;

    /// <summary>The largest uploaded source archive in bytes, compressed. Default 1 GiB.</summary>
    public long MaxSourceBytes { get; set; } = 1L << 30;

    /// <summary>
    /// Time limit, resources, network, package indexes and cache of builds. Its directories, <see cref="BuildOptions.ReadOnlyPaths"/> and
    /// <see cref="BuildOptions.Outbound"/> are the host's to set: <see cref="WorkDirectory"/>, <see cref="Toolchains"/> and
    /// <see cref="OutboundAllowList"/> say what goes there.
    /// </summary>
    public BuildOptions Builds { get; set; } = new() { BuildsDirectory = string.Empty, CachesDirectory = string.Empty };

    /// <summary>How long slugs are kept, and how much of the disk stays free.</summary>
    public SlugRetentionOptions Retention { get; set; } = new();

    /// <summary>Addresses that tenants' URLs may lead to although they are loopback or private: host names, addresses or networks in CIDR form. None by default.</summary>
    public IList<string> OutboundAllowList { get; } = [];

    /// <summary>Time-outs and back-off of dynos.</summary>
    public SupervisorOptions Supervisor { get; set; } = new();

    /// <summary>Limits of one-off dynos.</summary>
    public OneOffOptions OneOffs { get; set; } = new();

    /// <summary>How much the host insists on isolation. Default: <see cref="IsolationMode.Preferred"/>.</summary>
    public IsolationMode Isolation { get; set; }

    /// <summary>Directories outside /usr with language toolchains, such as <c>/opt/java</c>, that sandboxed builds and dynos see, read-only. None by default.</summary>
    public IList<string> Toolchains { get; } = [];

    /// <summary>
    /// How long all dynos of sleeping sizes (<see cref="DynoSize.Sleeps"/>) together may run in a month, UTC. At 80 % and at 100 % their apps' logs say so; then
    /// they sleep until the next month. <see langword="null"/>, the default, for no limit; Heroku's was 1,000 hours.
    /// </summary>
    public TimeSpan? FreeHours { get; set; }

    /// <summary>Buildpacks in the order in which they are tried; the built-in ones by default.</summary>
    public BuildpackRegistry Buildpacks { get; set; } = BuildpackRegistry.BuiltIn;
}

/// <summary>One listener.</summary>
/// <param name="defaultPort">The port unless another is set.</param>
public class ListenerOptions(int defaultPort)
{
    /// <summary>The port; 0 takes a free one. Default 5000 for the API, 8080 for the router.</summary>
    public int Port { get; set; } = defaultPort;

    /// <summary>The address. Loopback only by default.</summary>
    public IPAddress Address { get; set; } = IPAddress.Loopback;
}
