namespace PaaS.Core;

/// <summary>How many dynos of a process type are wanted, and of what size.</summary>
/// <param name="Type">The process type.</param>
/// <param name="Quantity">How many, from 0.</param>
/// <param name="Size">What each of them gets.</param>
public sealed record FormationEntry(ProcessType Type, int Quantity, DynoSize Size)
{
    /// <summary>As the Heroku CLI shows it: <c>web=2:Standard-1X</c>.</summary>
    public override string ToString() => $"{Type}={Quantity}:{Size}";
}
