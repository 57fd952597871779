namespace PaaS.Hosting;

/// <summary>How much the host insists on keeping builds and dynos apart from the machine and from each other.</summary>
public enum IsolationMode
{
    /// <summary>In sandboxes where the machine can make them, as plain processes elsewhere; what is lacking is said.</summary>
    Preferred,

    /// <summary>In sandboxes; the host does not start on a machine that cannot make them.</summary>
    Required,

    /// <summary>As plain processes.</summary>
    None,
}
