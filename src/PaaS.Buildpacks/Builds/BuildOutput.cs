using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// What a build says, line by line, in Heroku's form: headings after <c>-----&gt; </c>, details after seven blanks, warnings and
/// errors after <c> !     </c>. One build writes to it, one line at a time.
/// </summary>
public sealed class BuildOutput
{
    /// <summary>The longest line in bytes: 10,000. What is longer becomes several lines.</summary>
    public const int MaxLineBytes = 10_000;

    /// <summary>How many bytes the programs of one build may print: 16 MiB. The rest is left out, with a line that says so.</summary>
    public const int MaxProgramBytes = 16 << 20;

    private const string Indent = "       ";
    private const string Mark = " !     ";
    private readonly Action<ReadOnlyMemory<byte>> _write;
    private long _fromPrograms;

    /// <summary>Makes an output.</summary>
    /// <param name="write">Gets every line as UTF-8 without its line break. The memory is not used again. Must not block for long: it holds the build up.</param>
    public BuildOutput(Action<ReadOnlyMemory<byte>> write)
    {
        ArgumentNullException.ThrowIfNull(write);
        _write = write;
    }

    /// <summary>A line as it is.</summary>
    /// <param name="text">The line; a line break in it begins another line.</param>
    public void Line(string text) => Write(string.Empty, text);

    /// <summary>A step: <c>-----&gt; Node.js app detected</c>.</summary>
    /// <param name="text">The line.</param>
    public void Heading(string text) => Write("-----> ", text);

    /// <summary>A detail of the step before: seven blanks and the text.</summary>
    /// <param name="text">The line.</param>
    public void Detail(string text) => Write(Indent, text);

    /// <summary>Something the app's author should mend; the build goes on.</summary>
    /// <param name="text">The line.</param>
    public void Warning(string text) => Write(Mark, text);

    /// <summary>Why the build ends.</summary>
    /// <param name="text">The line.</param>
    public void Error(string text) => Write(Mark, text);

    /// <summary>A line that a program of the build printed.</summary>
    internal void Program(ReadOnlySpan<byte> line) => Program(line, Indent);

    /// <summary>A line of a program that writes the platform's own marks, as the scripts of classic buildpacks do.</summary>
    internal void Verbatim(ReadOnlySpan<byte> line) => Program(line, string.Empty);

    private void Program(ReadOnlySpan<byte> line, string mark)
    {
        if (_fromPrograms > MaxProgramBytes)
        {
            return;
        }

        _fromPrograms += line.Length + 1;
        if (_fromPrograms > MaxProgramBytes)
        {
            Warning($"The build has printed more than {ByteCount.Short(MaxProgramBytes)}; the rest is left out. Make it print less.");
            return;
        }

        if (line.IsEmpty)
        {
            Emit([]);
            return;
        }

        var prefix = Encoding.UTF8.GetBytes(mark);
        Emit([.. prefix, .. line]);
    }

    private void Write(string prefix, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        foreach (var line in text.ReplaceLineEndings("\n").Split('\n'))
        {
            Emit(line.Length == 0 ? [] : Encoding.UTF8.GetBytes(prefix + line));
        }
    }

    private void Emit(byte[] line)
    {
        ReadOnlyMemory<byte> rest = line;
        while (rest.Length > MaxLineBytes)
        {
            _write(rest[..MaxLineBytes]);
            rest = rest[MaxLineBytes..];
        }

        _write(rest);
    }
}
