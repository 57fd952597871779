using System.Runtime.Versioning;

namespace PaaS.Routing;

/// <summary>Connections to a dyno in the order in which they were added, last first; each is in one list at most. Nothing is allocated to add or remove one.</summary>
[SupportedOSPlatform("linux")]
internal sealed class DynoLinkList
{
    public DynoLink? First { get; private set; }

    public int Count { get; private set; }

    public void Add(DynoLink link)
    {
        link.List?.Remove(link);
        (link.List, link.Previous, link.Next) = (this, null, First);
        if (First is { } first)
        {
            first.Previous = link;
        }

        First = link;
        Count++;
    }

    public void Remove(DynoLink link)
    {
        if (link.List != this)
        {
            return;
        }

        if (link.Previous is { } previous)
        {
            previous.Next = link.Next;
        }
        else
        {
            First = link.Next;
        }

        if (link.Next is { } next)
        {
            next.Previous = link.Previous;
        }

        (link.List, link.Previous, link.Next) = (null, null, null);
        Count--;
    }
}
