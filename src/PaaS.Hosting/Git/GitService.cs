namespace PaaS.Hosting;

/// <summary>One of the two services of git's smart protocol.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Writes">Whether it is the one for pushes.</param>
internal sealed record GitService(string Name, bool Writes)
{
    public static GitService Receive { get; } = new("git-receive-pack", true);

    public static GitService Upload { get; } = new("git-upload-pack", false);

    public string RequestType => $"application/x-{Name}-request";

    public string ResultType => $"application/x-{Name}-result";

    public string AdvertisementType => $"application/x-{Name}-advertisement";

    /// <summary>The command's arguments.</summary>
    public string[] Command(string repository, bool advertise) =>
        [Name["git-".Length..], .. Writes ? Array.Empty<string>() : ["--strict"], "--stateless-rpc", .. advertise ? (string[])["--advertise-refs"] : [], repository];

    public static GitService? Find(string? name) => name == Receive.Name ? Receive : name == Upload.Name ? Upload : null;
}
