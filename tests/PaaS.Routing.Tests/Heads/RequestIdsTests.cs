using static PaaS.Routing.Tests.HeadText;

namespace PaaS.Routing.Tests;

public class RequestIdsTests
{
    [Fact]
    public void Ids_are_random_UUIDs_and_all_different_on_all_threads()
    {
        var lists = new List<string>[4];
        var threads = lists.Select((_, i) => new Thread(() =>
        {
            Span<byte> id = stackalloc byte[RequestIds.Length + 4];
            lists[i] = [];
            for (var n = 0; n < 5_000; n++)
            {
                RequestIds.Write(id);
                lists[i].Add(Text(id[..RequestIds.Length]));
            }
        })).ToArray();
        Array.ForEach(threads, thread => thread.Start());
        Array.ForEach(threads, thread => thread.Join());
        var all = lists.SelectMany(list => list).ToList();
        Assert.Equal(20_000, all.Distinct().Count());
        Assert.All(all, id => Assert.Matches("^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$", id));

        // Each of the 122 random bits is set in about half of them: 16 standard deviations are allowed.
        foreach (var position in Enumerable.Range(0, RequestIds.Length).Where(p => p is not (8 or 13 or 14 or 18 or 19 or 23)))
        {
            for (var bit = 1; bit < 16; bit <<= 1)
            {
                Assert.InRange(all.Count(id => (Convert.ToInt32(id[position].ToString(), 16) & bit) != 0), 8_900, 11_100);
            }
        }
    }

    [Fact]
    public void There_must_be_room() => Assert.Throws<ArgumentException>(() => RequestIds.Write(new byte[RequestIds.Length - 1]));
}
