using System.Buffers;

namespace PaaS.Core;

/// <summary>
/// Masks a text that comes in pieces, wherever they are cut. Keeps back only bytes that may be the beginning of a secret; a line
/// break, or <see cref="Flush"/>, shows that they were none. Takes time in proportion to the text. What comes out does not depend on where
/// the pieces were cut. For one thread at a time.
/// </summary>
public sealed class SecretMasker
{
    private readonly SecretMask _mask;
    private readonly SecretAutomaton _automaton;
    private readonly IBufferWriter<byte> _output;
    private readonly SecretView[] _views;

    /// <summary>What has not been handed on, and where it begins: <c>_held[_heldFirst]</c> is the byte at <c>_released</c>.</summary>
    private byte[] _held = new byte[256];
    private int _heldFirst;
    private int _heldCount;

    /// <summary>What is to be masked and was not yet reached; sorted, apart from each other.</summary>
    private readonly List<(long Start, long End)> _spans = [];
    private long _position;
    private long _released;
    private long _maskedEnd = -1;
    private int _state;

    /// <summary>How many views differ from the plain text now.</summary>
    private int _active;

    /// <summary>Begins a text.</summary>
    /// <param name="mask">What is masked.</param>
    /// <param name="output">Gets the masked text.</param>
    public SecretMasker(SecretMask mask, IBufferWriter<byte> output)
    {
        ArgumentNullException.ThrowIfNull(mask);
        ArgumentNullException.ThrowIfNull(output);
        (_mask, _automaton, _output) = (mask, mask.Automaton, output);
        _views = [.. mask.Escapes.Select(kind => new SecretView(_automaton, kind, Found))];
    }

    /// <summary>Whether anything was masked so far.</summary>
    public bool HasMasked { get; private set; }

    /// <summary>Takes a piece of the text, and hands on what is decided.</summary>
    /// <param name="text">Any bytes; they are free again when this returns.</param>
    public void Write(ReadOnlySpan<byte> text)
    {
        if (_mask.IsEmpty)
        {
            _output.Write(text);
            return;
        }

        Hold(text);
        var i = 0;
        while (i < text.Length)
        {
            if (_state == 0 && _active == 0)
            {
                // Nothing has begun: on to where something may.
                var plain = _mask.Plain(text[i..]);
                (i, _position) = (i + plain, _position + plain);
            }

            Step(text[i++]);
        }

        Release(Undecided());
    }

    /// <summary>The line, or the text, has ended.</summary>
    public void Flush()
    {
        foreach (var view in _views)
        {
            view.End();
            view.Deactivate();
        }

        (_state, _active) = (0, 0);
        Release(_position);
        _maskedEnd = -1;
    }

    private void Step(byte value)
    {
        if (SecretMask.IsLead(value))
        {
            foreach (var view in _views)
            {
                if (!view.IsActive && view.Begins(value))
                {
                    view.Activate(_state, _position);
                    _active++;
                }
            }
        }

        _state = _automaton.Next(_state, value);
        if (_automaton.MatchLength(_state) is > 0 and var length)
        {
            Found(_position + 1 - length, _position + 1);
        }

        if (_active > 0)
        {
            StepViews(value);
        }

        _position++;
    }

    private void StepViews(byte value)
    {
        foreach (var view in _views)
        {
            if (view.IsActive)
            {
                view.Step(value, _position);
                if (view.IsIdle(_state))
                {
                    view.Deactivate();
                    _active--;
                }
            }
        }
    }

    private long Undecided()
    {
        var undecided = _position - _automaton.Depth(_state);
        foreach (var view in _views)
        {
            undecided = view.IsActive ? Math.Min(undecided, view.Undecided(_position)) : undecided;
        }

        return undecided;
    }

    private void Found(long start, long end)
    {
        HasMasked = true;
        var at = _spans.Count;
        while (at > 0 && _spans[at - 1].Start > end)
        {
            at--;
        }

        while (at > 0 && _spans[at - 1].End >= start)
        {
            at--;
            (start, end) = (Math.Min(start, _spans[at].Start), Math.Max(end, _spans[at].End));
            _spans.RemoveAt(at);
        }

        _spans.Insert(at, (start, end));
    }

    /// <summary>Hands on all bytes before a position; a secret that begins before it is complete, or only grows.</summary>
    private void Release(long before)
    {
        var done = 0;
        foreach (var (start, end) in _spans)
        {
            if (start >= before)
            {
                break;
            }

            if (start > _maskedEnd)
            {
                Show(start);
                _output.Write(SecretMask.ReplacementBytes);
            }

            Drop(end);
            _maskedEnd = Math.Max(_maskedEnd, end);
            done++;
        }

        _spans.RemoveRange(0, done);
        Show(before);
    }

    private void Show(long before)
    {
        if (before > _released)
        {
            _output.Write(_held.AsSpan(_heldFirst, (int)(before - _released)));
            Drop(before);
        }
    }

    private void Drop(long before)
    {
        if (before > _released)
        {
            var count = (int)(before - _released);
            (_released, _heldFirst, _heldCount) = (before, _heldFirst + count, _heldCount - count);
        }
    }

    private void Hold(ReadOnlySpan<byte> text)
    {
        if (_heldFirst + _heldCount + text.Length > _held.Length)
        {
            // Moved only when half of it is free: each byte is moved once or twice at most.
            var target = _heldCount + text.Length > _held.Length / 2 ? new byte[(_heldCount + text.Length) * 2] : _held;
            _held.AsSpan(_heldFirst, _heldCount).CopyTo(target);
            (_held, _heldFirst) = (target, 0);
        }

        text.CopyTo(_held.AsSpan(_heldFirst + _heldCount));
        _heldCount += text.Length;
    }
}
