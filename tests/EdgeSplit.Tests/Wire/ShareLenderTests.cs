using CsCheck;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Wire;

public class ShareLenderTests
{
    private sealed record Sender(LentShare Share, List<double> Told)
    {
        public double Rate => Told.Count > 0 ? Told[^1] : Share.RateBitsPerSecond;
    }

    [Fact]
    public void Alone_a_sender_has_the_whole_link_within_its_cap()
    {
        ShareLender lender = new(100);
        Sender fast = Join(lender, share: 20, cap: 1000), slow = Join(lender, share: 20, cap: 70);
        fast.Share.Begin();
        Assert.Equal(100, fast.Rate);
        fast.Share.End();
        slow.Share.Begin();
        Assert.Equal(70, slow.Rate);
    }

    [Fact]
    public void What_one_leaves_goes_to_the_others_in_proportion_to_their_shares()
    {
        ShareLender lender = new(100);
        Sender small = Join(lender, share: 10), large = Join(lender, share: 30), idle = Join(lender, share: 60);
        idle.Share.Begin();
        small.Share.Begin();
        large.Share.Begin();
        Assert.Equal([10, 30, 60], new[] { small, large, idle }.Select(sender => sender.Rate));
        idle.Share.End();
        Assert.Equal([25, 75], new[] { small, large }.Select(sender => sender.Rate));
        idle.Share.Begin();
        Assert.Equal([10, 30, 60], new[] { small, large, idle }.Select(sender => sender.Rate));
    }

    [Fact]
    public void Whoever_begins_again_begins_at_its_own_share()
    {
        ShareLender lender = new(100);
        Sender one = Join(lender, share: 50), other = Join(lender, share: 50);
        one.Share.Begin();
        one.Share.End();
        one.Told.Clear();
        other.Share.Begin();
        one.Share.Begin();
        Assert.Empty(one.Told);
        Assert.Equal(50, one.Share.RateBitsPerSecond);
    }

    [Fact]
    public void Who_is_gone_leaves_its_share()
    {
        ShareLender lender = new(100);
        Sender stays = Join(lender, share: 50), leaves = Join(lender, share: 50);
        stays.Share.Begin();
        leaves.Share.Begin();
        leaves.Share.Dispose();
        Assert.Equal(100, stays.Rate);
    }

    [Fact]
    public void A_new_share_holds_at_once()
    {
        ShareLender lender = new(100);
        Sender one = Join(lender, share: 50), other = Join(lender, share: 50);
        one.Share.Begin();
        other.Share.Begin();
        one.Share.SetShare(150);
        Assert.Equal([75, 25], new[] { one, other }.Select(sender => sender.Rate));
    }

    [Fact]
    public void Little_changes_are_not_told()
    {
        ShareLender lender = new(1000);
        Sender[] many = [.. Enumerable.Range(0, 200).Select(_ => Join(lender, share: 5))];
        foreach (Sender sender in many)
            sender.Share.Begin();
        foreach (Sender sender in many)
            sender.Told.Clear();
        many[0].Share.End();
        Assert.All(many, sender => Assert.Empty(sender.Told));
        for (int number = 1; number < 100; number++)
            many[number].Share.End();
        Assert.All(many[100..], sender => Assert.InRange(sender.Rate, 10 * (1 - ShareLender.Hysteresis), 10));
    }

    [Fact]
    public void Any_senders_use_all_they_can_and_share_the_rest_by_one_level() =>
        Gen.Select(Gen.Double[1, 100], Gen.Double[1, 200], Gen.Bool).Array[1, 12].Sample(senders =>
        {
            const double capacity = 150;
            ShareLender lender = new(capacity);
            (Sender Sender, double Share, double Cap)[] busy =
                [.. senders.Where(sender => sender.Item3).Select(sender => (Join(lender, sender.Item1, sender.Item2), sender.Item1, sender.Item2))];
            foreach ((Sender sender, _, _) in busy)
                sender.Share.Begin();
            if (busy.Length == 0)
                return;
            double slack = ShareLender.Hysteresis * 1.01;
            double used = busy.Sum(one => one.Sender.Rate);
            Assert.InRange(used, Math.Min(capacity, busy.Sum(one => one.Cap)) * (1 - slack), capacity * (1 + slack));
            Assert.All(busy, one => Assert.InRange(one.Sender.Rate, 0, one.Cap * (1 + slack)));
            double level = busy.Max(one => one.Sender.Rate / one.Share);
            foreach ((Sender sender, double share, double cap) in busy)
                Assert.True(sender.Rate / share >= level * (1 - (3 * slack)) || sender.Rate >= cap * (1 - slack), $"{sender.Rate} of {cap} at {level}");
        }, iter: 2000);

    private static Sender Join(ShareLender lender, double share, double cap = double.PositiveInfinity)
    {
        List<double> told = [];
        LentShare lent = lender.Join(cap, told.Add);
        lent.SetShare(share);
        return new Sender(lent, told);
    }
}
