using System.Buffers;

namespace PaaS.Core;

/// <summary>
/// Finds any of many byte strings in one pass (Aho and Corasick): a state is the longest end of what was read that begins one of
/// them. Immutable; 24 bytes for each byte of the strings that is not shared by their beginnings.
/// </summary>
internal sealed class SecretAutomaton
{
    private readonly List<Node> _nodes = [new Node { FirstChild = -1, NextSibling = -1 }];
    private readonly int[] _root = new int[256];

    public SecretAutomaton(IEnumerable<byte[]> patterns)
    {
        var firsts = new HashSet<byte>();
        foreach (var pattern in patterns)
        {
            Add(pattern);
            firsts.Add(pattern[0]);
        }

        Link();
        Firsts = [.. firsts];
        HasBlank = _nodes.Exists(static node => node.Label == ' ');
    }

    /// <summary>The bytes that any of the strings begins with.</summary>
    public IReadOnlyCollection<byte> Firsts { get; }

    /// <summary>Whether one of the strings has a blank.</summary>
    public bool HasBlank { get; }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _nodes.Count == 1;

    /// <summary>The state after another byte. 0 is the first state: nothing has begun.</summary>
    public int Next(int state, byte value)
    {
        while (state != 0)
        {
            var child = Child(state, value);
            if (child >= 0)
            {
                return child;
            }

            state = _nodes[state].Fail;
        }

        return _root[value];
    }

    /// <summary>How many of the bytes that were read last may belong to a string that is not complete.</summary>
    public int Depth(int state) => _nodes[state].Depth;

    /// <summary>How long the longest string is that ends here; 0 for none.</summary>
    public int MatchLength(int state) => _nodes[state].Match;

    private void Add(byte[] pattern)
    {
        var state = 0;
        foreach (var value in pattern)
        {
            var child = state == 0 ? _root[value] is var first and > 0 ? first : -1 : Child(state, value);
            if (child < 0)
            {
                child = _nodes.Count;
                var parent = _nodes[state];
                _nodes.Add(new Node { Label = value, FirstChild = -1, NextSibling = parent.FirstChild, Depth = parent.Depth + 1 });
                _nodes[state] = parent with { FirstChild = child };
                _root[value] = state == 0 ? child : _root[value];
            }

            state = child;
        }

        _nodes[state] = _nodes[state] with { Match = pattern.Length };
    }

    private int Child(int state, byte value)
    {
        var child = _nodes[state].FirstChild;
        while (child >= 0 && _nodes[child].Label != value)
        {
            child = _nodes[child].NextSibling;
        }

        return child;
    }

    /// <summary>Breadth first: a state falls back to one that is not as deep.</summary>
    private void Link()
    {
        var queue = new Queue<int>();
        queue.Enqueue(0);
        while (queue.TryDequeue(out var state))
        {
            for (var child = _nodes[state].FirstChild; child >= 0; child = _nodes[child].NextSibling)
            {
                var node = _nodes[child];
                var fail = state == 0 ? 0 : Next(_nodes[state].Fail, node.Label);
                _nodes[child] = node with { Fail = fail, Match = node.Match > 0 ? node.Match : _nodes[fail].Match };
                queue.Enqueue(child);
            }
        }
    }

    private readonly record struct Node(byte Label, int FirstChild, int NextSibling, int Fail, int Depth, int Match);
}
