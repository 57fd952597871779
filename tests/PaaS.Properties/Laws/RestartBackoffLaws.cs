using FsCheck;
using FsCheck.Fluent;
using PaaS.Runtime;

namespace PaaS.Properties;

public class RestartBackoffLaws
{
    private static readonly Gen<RestartBackoff> Policies =
        from first in Gen.Choose(1, 100_000)
        from more in Gen.Choose(0, 100_000_000)
        select new RestartBackoff { First = TimeSpan.FromMilliseconds(first), Longest = TimeSpan.FromMilliseconds((long)first + more) };

    private static readonly Gen<int> Crashes = Gen.OneOf(Gen.Choose(1, 40), Gen.Choose(1, int.MaxValue - 1));

    [Fact]
    public void A_wait_never_shrinks_with_another_crash_and_never_passes_the_longest() =>
        Law.Holds(Policies, Crashes, (policy, crashes) =>
            policy.DelayAfter(crashes) <= policy.DelayAfter(crashes + 1) && policy.DelayAfter(crashes + 1) <= policy.Longest);

    [Fact]
    public void The_first_crash_waits_not_at_all_and_every_other_at_least_the_first_wait() =>
        Law.Holds(Policies, Crashes, (policy, crashes) =>
            policy.DelayAfter(1) == TimeSpan.Zero && policy.DelayAfter(crashes + 1) >= policy.First);

    [Fact]
    public void A_crash_looping_dyno_is_started_no_more_often_than_the_waits_allow() =>
        Law.Holds(Policies, policy =>
        {
            var total = Enumerable.Range(1, 60).Aggregate(TimeSpan.Zero, (sum, crashes) => sum + policy.DelayAfter(crashes));
            return total >= policy.First * 59 && policy.DelayAfter(60) == policy.Longest;
        });
}
