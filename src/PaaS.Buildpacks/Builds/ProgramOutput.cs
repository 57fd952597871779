using System.Buffers;

namespace PaaS.Buildpacks;

/// <summary>
/// What one program of a build prints, on its way into the build's output: made into lines as a terminal would show them, with secrets
/// masked before a line is cut. A line that stays without its end is shown after a while.
/// </summary>
internal sealed class ProgramOutput : IDisposable
{
    /// <summary>How long a line may wait for its end before what there is of it is shown.</summary>
    private static readonly TimeSpan ShownAfter = TimeSpan.FromSeconds(2);

    /// <summary>How often a line is shown that goes on overwriting itself.</summary>
    private static readonly TimeSpan ProgressShownEvery = TimeSpan.FromSeconds(10);

    private readonly Lock _gate = new();
    private readonly TerminalText _text = new();
    private readonly ArrayBufferWriter<byte> _masked = new();
    private readonly BuildOutput _output;
    private readonly SecretMasker _masker;
    private readonly string _indent;
    private readonly TimeProvider _time;
    private readonly LineColours _colours = new();
    private ITimer? _timer;
    private bool _isArmed;
    private bool _isEnded;

    /// <summary>Whether a part of the line has been shown already.</summary>
    private bool _isShown;
    private long _since;

    public ProgramOutput(BuildOutput output, SecretMask mask, string indent, TimeProvider time)
    {
        (_output, _indent, _time) = (output, indent, time);
        _masker = new SecretMasker(mask, _masked);
    }

    /// <summary>Shows all that a stream gives, as it comes.</summary>
    public async Task ReadAsync(Stream stream)
    {
        var buffer = new byte[16 * 1024];
        int read;
        while ((read = await ProgramPipe.ReadAsync(stream, buffer).ConfigureAwait(false)) > 0)
        {
            Write(buffer.AsSpan(0, read));
        }
    }

    /// <summary>Takes the next bytes.</summary>
    public void Write(ReadOnlySpan<byte> bytes)
    {
        lock (_gate)
        {
            var hasBegun = _text.Line.IsEmpty;
            while (!bytes.IsEmpty && !_isEnded)
            {
                bytes = bytes[_text.Read(bytes, BuildOutput.MaxProgramLineBytes, out var ended)..];
                if (_text.HasBegunAnew)
                {
                    _text.HasBegunAnew = false;
                    EndWhatIsOverwritten();
                }

                if (ended)
                {
                    EndLine();
                    hasBegun = true;
                }
                else if (_text.Line.Length >= BuildOutput.MaxProgramLineBytes)
                {
                    Commit();
                }
            }

            _since = hasBegun ? _time.GetTimestamp() : _since;
            if (!_isArmed && !_text.Line.IsEmpty)
            {
                Arm(Patience);
            }
        }
    }

    /// <summary>The program has ended: what is left is its last line. What comes later is dropped.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            if (_isEnded)
            {
                return;
            }

            _isEnded = true;
            _timer?.Dispose();
            Commit();
            _masker.Flush();
            ShowRest();
        }
    }

    private TimeSpan Patience => _text.IsProgress && _isShown ? ProgressShownEvery : ShownAfter;

    private void EndLine()
    {
        Commit();
        _masker.Flush();
        if (_masked.WrittenCount == 0 && !_isShown)
        {
            _output.Program([], _indent, _colours);
        }

        ShowRest();
        _text.End();
        _isShown = false;
    }

    /// <summary>Something else takes the place of a line of which a part is shown: that one has ended.</summary>
    private void EndWhatIsOverwritten()
    {
        if (_isShown)
        {
            _masker.Flush();
            ShowRest();
        }
    }

    /// <summary>Masks what the line holds now, and shows it as far as it is too long for one line.</summary>
    private void Commit()
    {
        _masker.Write(_text.Line);
        _text.Take();
        while (_masked.WrittenCount > BuildOutput.MaxProgramLineBytes)
        {
            Show(LineCut.Before(_masked.WrittenSpan, BuildOutput.MaxProgramLineBytes));
        }
    }

    private void ShowRest()
    {
        if (_masked.WrittenCount > 0)
        {
            Show(_masked.WrittenCount);
        }
    }

    private void Show(int count)
    {
        _output.Program(_masked.WrittenSpan[..count], _indent, _colours);
        _isShown = true;
        var rest = _masked.WrittenSpan[count..].ToArray();
        _masked.ResetWrittenCount();
        _masked.Write(rest);
    }

    private void ShowPart()
    {
        lock (_gate)
        {
            _isArmed = false;
            if (_isEnded || _text.Line.IsEmpty)
            {
                return;
            }

            var left = Patience - _time.GetElapsedTime(_since);
            if (left > TimeSpan.Zero)
            {
                Arm(left);
                return;
            }

            Commit();
            var whole = LineCut.WholeCharacters(_masked.WrittenSpan);
            if (_masked.WrittenSpan[..whole].IndexOfAnyExcept((byte)' ', (byte)'\t') >= 0)
            {
                Show(whole);
            }
        }
    }

    private void Arm(TimeSpan after)
    {
        _isArmed = true;
        if (_timer is null)
        {
            _timer = _time.CreateTimer(static self => ((ProgramOutput)self!).ShowPart(), this, after, Timeout.InfiniteTimeSpan);
        }
        else
        {
            _timer.Change(after, Timeout.InfiniteTimeSpan);
        }
    }
}
