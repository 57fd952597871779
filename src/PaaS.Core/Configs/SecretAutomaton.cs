namespace PaaS.Core;

/// <summary>
/// Finds any of many byte strings in one pass (Aho and Corasick): a state is the longest end of what was read that begins one of
/// them. Immutable; 24 bytes for each byte of the strings that is not shared by their beginnings.
/// </summary>
internal sealed class SecretAutomaton
{
    private readonly int[] _root = new int[256];
    private Node[] _nodes = new Node[256];
    private int _count = 1;

    public SecretAutomaton(IEnumerable<byte[]> patterns)
    {
        _nodes[0] = new Node { FirstChild = -1, NextSibling = -1 };
        foreach (var pattern in patterns)
        {
            Add(pattern);
        }

        Array.Resize(ref _nodes, _count);
        Link();
        HasBlank = Array.Exists(_nodes, static node => node.Label == ' ');
    }

    /// <summary>Whether one of the strings has a blank.</summary>
    public bool HasBlank { get; }

    /// <summary>Whether there are none.</summary>
    public bool IsEmpty => _count == 1;

    /// <summary>Whether any of the strings begins with this byte.</summary>
    public bool BeginsWith(byte first) => _root[first] > 0;

    /// <summary>Whether any of the strings begins with these two bytes.</summary>
    public bool BeginsWith(byte first, byte second) => _root[first] is > 0 and var state && Child(state, second) >= 0;

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
                child = _count++;
                if (child == _nodes.Length)
                {
                    Array.Resize(ref _nodes, _nodes.Length * 2);
                }

                ref var parent = ref _nodes[state];
                _nodes[child] = new Node { Label = value, FirstChild = -1, NextSibling = parent.FirstChild, Depth = parent.Depth + 1 };
                parent.FirstChild = child;
                _root[value] = state == 0 ? child : _root[value];
            }

            state = child;
        }

        _nodes[state].Match = pattern.Length;
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
                ref var node = ref _nodes[child];
                node.Fail = state == 0 ? 0 : Next(_nodes[state].Fail, node.Label);
                node.Match = node.Match > 0 ? node.Match : _nodes[node.Fail].Match;
                queue.Enqueue(child);
            }
        }
    }

    private struct Node
    {
        public byte Label;
        public int FirstChild;
        public int NextSibling;
        public int Fail;
        public int Depth;
        public int Match;
    }
}
