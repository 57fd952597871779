using System.Globalization;
using System.Net;
using System.Text;

namespace PaaS.Runtime;

/// <summary>The few files of /etc that are written for a process instead of shown from the machine: they name its user alone.</summary>
internal static class SandboxAccounts
{
    /// <summary>The user's name inside.</summary>
    public const string UserName = "dyno";

    /// <summary>The text of /etc/passwd.</summary>
    public static byte[] Users(int user, string home) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture,
        $"root:x:0:0:root:/:/usr/sbin/nologin\n{UserName}:x:{user}:{user}::{home}:/bin/bash\nnobody:x:65534:65534:nobody:/:/usr/sbin/nologin\n"));

    /// <summary>The text of /etc/group.</summary>
    public static byte[] Groups(int user) => Encoding.UTF8.GetBytes(string.Create(
        CultureInfo.InvariantCulture, $"root:x:0:\n{UserName}:x:{user}:\nnogroup:x:65534:\n"));

    /// <summary>The text of /etc/hosts.</summary>
    public static byte[] Hosts(string hostName, IPAddress? address) => Encoding.UTF8.GetBytes(
        $"127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n{address?.ToString() ?? "127.0.1.1"} {hostName}\n");
}
