namespace PaaS.Core;

/// <summary>Something a Procfile's author should know.</summary>
/// <param name="Line">The line, from 1.</param>
/// <param name="Column">The column, from 1, in UTF-16 units.</param>
/// <param name="Code">One of <see cref="ProcfileDiagnosticCodes"/>.</param>
/// <param name="Message">What is wrong, and how to mend it.</param>
/// <param name="IsError">Whether it stops a deploy; otherwise it is a warning.</param>
public sealed record ProcfileDiagnostic(int Line, int Column, string Code, string Message, bool IsError)
{
    /// <summary>As compilers write it: <c>Procfile(3,1): warning missing-colon: …</c></summary>
    public override string ToString() => $"Procfile({Line},{Column}): {(IsError ? "error" : "warning")} {Code}: {Message}";
}
