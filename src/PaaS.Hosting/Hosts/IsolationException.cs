using PaaS.Runtime;

namespace PaaS.Hosting;

/// <summary>The options insist on isolation (<see cref="IsolationMode.Required"/>), and the machine does not give all of it.</summary>
public sealed class IsolationException : Exception
{
    internal IsolationException(IsolationReport report)
        : base($"Isolation is required, and this machine lacks: {string.Join(' ', report.Missing.Select(static entry => $"{entry.Guarantee}: {entry.WhyNot} {entry.Remedy}".TrimEnd()))}") =>
        Report = report;

    /// <summary>What holds and what does not.</summary>
    public IsolationReport Report { get; }
}
