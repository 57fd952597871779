using System.Globalization;
using System.Text;

namespace PaaS.Buildpacks;

/// <summary>
/// What a build says, line by line, in Heroku's form: headings after <c>-----&gt; </c>, details after seven blanks, warnings and
/// errors after <c> !     </c>. While an app is built its secrets are masked in every line, whoever says it (<see cref="SecretMask"/>). One build writes to it.
/// </summary>
public sealed class BuildOutput
{
    /// <summary>The longest line in bytes: 10,000. What is longer becomes several lines.</summary>
    public const int MaxLineBytes = 10_000;

    /// <summary>How many bytes the programs of one build may print: 16 MiB. The rest is left out, with a line that says so; its last lines are shown when the build ends.</summary>
    public const int MaxProgramBytes = 16 << 20;

    /// <summary>The most of a program's line that becomes one line, with what is put around it.</summary>
    internal const int MaxProgramLineBytes = MaxLineBytes - (2 * LineColours.MaxBytes);

    private const string Indent = "       ";
    private const string Mark = " !     ";
    private readonly Lock _gate = new();
    private readonly Action<ReadOnlyMemory<byte>> _write;
    private SecretMask _mask = SecretMask.None;
    private TimeProvider _time = TimeProvider.System;
    private SilenceWatch? _watch;
    private readonly LastLines _last = new();
    private long _fromPrograms;

    /// <summary>Makes an output.</summary>
    /// <param name="write">Gets every line as UTF-8 without its line break, one at a time; what programs print may be no valid UTF-8. The memory is not used again. Must not block for long: it holds the build up.</param>
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

    /// <summary>A build begins: from now on, and as long as this lives, its secrets are masked; until the build ends silence is watched.</summary>
    /// <param name="mask">What is masked.</param>
    /// <param name="heartbeat">After how much silence a line says that the build goes on; <see langword="null"/> for never.</param>
    /// <param name="time">The clock.</param>
    /// <returns>To be disposed when the build ends.</returns>
    internal IDisposable Begin(SecretMask mask, TimeSpan? heartbeat, TimeProvider time)
    {
        lock (_gate)
        {
            (_mask, _time) = (mask, time);
            _watch?.Dispose();
            _watch = heartbeat is { } interval ? new SilenceWatch(interval, time, SayStillBuilding) : null;
            return new Ending(this);
        }
    }

    /// <summary>Masks this, too, in what is said from now on, and in what programs print that begin from now on.</summary>
    internal void Mask(SecretMask more)
    {
        lock (_gate)
        {
            _mask = _mask.And(more);
        }
    }

    /// <summary>Shows what a program prints, as it comes; to be disposed when it has ended.</summary>
    /// <param name="isVerbatim">Whether the program writes the platform's own marks, as the scripts of classic buildpacks do; else its lines are details.</param>
    internal ProgramOutput Program(bool isVerbatim = false)
    {
        lock (_gate)
        {
            return new ProgramOutput(this, _mask, isVerbatim ? string.Empty : Indent, _time);
        }
    }

    /// <summary>A line that a program of the build printed, masked already.</summary>
    internal void Program(ReadOnlySpan<byte> line, string indent, LineColours colours)
    {
        lock (_gate)
        {
            var shown = line.IsEmpty ? [] : colours.Close(indent, line);
            if (_fromPrograms > MaxProgramBytes)
            {
                _last.Add(shown);
                return;
            }

            // With the colours that are repeated: a line of one byte may carry many.
            _fromPrograms += Math.Max(line.Length, shown.Length - indent.Length) + 1;
            if (_fromPrograms <= MaxProgramBytes)
            {
                Emit(shown);
                return;
            }

            _last.Add(shown);
            Warning($"The build has printed more than {ByteCount.Short(MaxProgramBytes)}; the rest is left out, but for its last lines. Make it print less.");
        }
    }

    /// <summary>No program runs any more: shows the last lines of what was left out, for they mostly say why a build fails.</summary>
    internal void EndPrograms()
    {
        lock (_gate)
        {
            var lines = _last.Take(out var count);
            if (count > 0)
            {
                Warning(string.Create(CultureInfo.InvariantCulture, $"Of {count:N0} lines that were left out these are the last {lines.Count:N0}:"));
                lines.ForEach(Emit);
            }
        }
    }

    /// <summary>What the build says of its end, without secrets.</summary>
    internal string Masked(string text) => _mask.Apply(text);

    private void Write(string prefix, string text)
    {
        ArgumentNullException.ThrowIfNull(text);
        lock (_gate)
        {
            // A NUL would end the line where git shows it, and a secret that it parts would come together again.
            foreach (var line in _mask.Apply(text.Replace("\0", string.Empty, StringComparison.Ordinal)).ReplaceLineEndings("\n").Split('\n'))
            {
                Emit(line.Length == 0 ? [] : Encoding.UTF8.GetBytes(prefix + line));
            }
        }
    }

    private void SayStillBuilding(TimeSpan silent)
    {
        lock (_gate)
        {
            if (_watch is not null)
            {
                _write(Encoding.UTF8.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{Indent}Still building: {silent.TotalSeconds:0.#} s without output")));
            }
        }
    }

    private void Emit(byte[] line)
    {
        _watch?.Heard();
        ReadOnlyMemory<byte> rest = line;
        while (rest.Length > MaxLineBytes)
        {
            var cut = LineCut.Before(rest.Span, MaxLineBytes);
            _write(rest[..cut]);
            rest = rest[cut..];
        }

        _write(rest);
    }

    private sealed class Ending(BuildOutput output) : IDisposable
    {
        public void Dispose()
        {
            lock (output._gate)
            {
                output._watch?.Dispose();
                output._watch = null;
            }
        }
    }
}
