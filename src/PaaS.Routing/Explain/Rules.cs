namespace PaaS.Routing;

/// <summary>The router's rules in words, by the code that stands for them.</summary>
internal static class Rules
{
    /// <summary>The rule that fired.</summary>
    /// <param name="error">What went wrong; null if nothing did.</param>
    /// <param name="isUpgraded">Whether the connection became a tunnel.</param>
    public static string Of(RouterError? error, bool isUpgraded) => error?.Code switch
    {
        null => isUpgraded ? "The dyno switched protocols; bytes were passed both ways until one end closed." : "The dyno's response was relayed.",
        "H10" => "Every web dyno of the app has crashed.",
        "H11" => "The app has as many requests in flight per dyno, or waiting for one, as it may have.",
        "H12" => "The dyno had the whole request and did not begin its response in time.",
        "H13" => "The dyno closed the connection before the first byte of a response.",
        "H14" => "The app has no web dynos: they are scaled to zero.",
        "H15" => "The dyno was silent for too long after its response, or the tunnel, had begun.",
        "H17" => "What the dyno sent is not a response of HTTP/1.",
        "H18" => "The dyno closed the connection in the middle of a response, or while the request was being sent.",
        "H19" => "No dyno that was tried took a connection in time.",
        "H20" => "A dyno was starting, and none was ready in time.",
        "H21" => "Every dyno that was tried refused the connection; nothing had been sent to any.",
        "H22" => "The router has as many connections of clients as it may have.",
        "H24" => "The router stopped, or the dyno's time to drain was over, while the request was open.",
        "H25" => $"The response broke a limit of the router: {error.Desc[(error.Desc.IndexOf(':', StringComparison.Ordinal) + 1)..].Trim()}.",
        "H26" => $"The request was refused: {error.Cause}.",
        "H27" => "The client closed the connection before the response was whole.",
        "H28" => "The client was silent for too long in the middle of its request body, or of the tunnel.",
        "H31" => "The connection is not one for this host name.",
        "H34" => "Every dyno is left alone after a failed connect, and none could be tried again in time.",
        "H80" => "The app is in maintenance.",
        "H81" => "The app has no release that can run.",
        _ => "The router itself failed; the operator's log says how.",
    };
}
