namespace PaaS.Routing;
internal static class RequestIds { public const int Length = 36; public static void Write(Span<byte> to) { Guid.NewGuid().TryFormat(to, out _); } }
