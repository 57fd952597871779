using System.Text.Json.Serialization;

namespace PaaS.Runtime;

/// <summary>What a host writes down of a process before its command runs, so that the next host can end it. Holds nothing of a tenant's.</summary>
/// <param name="Marker">The random marker, which is also the record's file name.</param>
/// <param name="Label">The spec's label.</param>
/// <param name="BootId">The machine's boot: after another one nothing of this can be alive.</param>
/// <param name="Pid">The first process, and its session.</param>
/// <param name="StartTime">When that process started, in clock ticks since boot.</param>
/// <param name="Cgroup">The path of the cgroup by which it is killed, if it has one.</param>
/// <param name="Controllers">The paths of its further cgroups.</param>
internal sealed record ProcessRecord(Guid Marker, string Label, Guid BootId, int Pid, long StartTime, string? Cgroup, IReadOnlyList<string>? Controllers = null);

/// <summary>The record as JSON.</summary>
[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, RespectNullableAnnotations = true, RespectRequiredConstructorParameters = true)]
[JsonSerializable(typeof(ProcessRecord))]
internal sealed partial class ProcessRecordJson : JsonSerializerContext;
