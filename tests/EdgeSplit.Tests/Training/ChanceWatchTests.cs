using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

public class ChanceWatchTests
{
    private static readonly int[] TenEqual = [.. Enumerable.Repeat(100, 10)];

    [Fact]
    public void A_run_that_stays_at_the_largest_classs_share_is_told_once()
    {
        // One class a device: losses on own data fall to nothing, and the mean of the models knows nothing.
        List<string> told = Told(new ChanceWatch(10, 30, TenEqual), Enumerable.Range(1, 30).Select(round => (0.01, (double?)(round % 2 == 0 ? 0.1 : 0.2))));
        Assert.StartsWith("after round 10 the model is no better than chance: the best accuracy so far is 0.200", Assert.Single(told), StringComparison.Ordinal);
    }

    [Fact]
    public void A_run_that_learns_is_not_told_however_late()
    {
        Assert.Empty(Told(new ChanceWatch(10, 30, TenEqual), Enumerable.Range(1, 30).Select(round => (2.2, (double?)(round < 9 ? 0.1 : 0.3)))));
        Assert.Empty(Told(new ChanceWatch(10, 100, TenEqual), Enumerable.Range(1, 100).Select(round => (2.3, (double?)(round < 19 ? 0.1 : 0.3)))));
    }

    [Theory]
    [InlineData(0.93, 1)]
    [InlineData(0.96, 0)]
    public void The_largest_class_counts_not_one_over_their_number(double accuracy, int warnings) =>
        Assert.Equal(warnings, Told(new ChanceWatch(2, 12, [9200, 800]), Enumerable.Range(1, 12).Select(_ => (0.2, (double?)accuracy))).Count);

    [Fact]
    public void Without_test_samples_a_loss_above_a_guesss_is_told()
    {
        Assert.Contains("the least loss so far is 2.310", Assert.Single(Told(new ChanceWatch(10, 20, []), Enumerable.Range(1, 20).Select(_ => (2.31, (double?)null)))), StringComparison.Ordinal);
        Assert.Empty(Told(new ChanceWatch(10, 20, []), Enumerable.Range(1, 20).Select(_ => (2.29, (double?)null))));
    }

    [Theory]
    [InlineData(3, 0)]
    [InlineData(6, 1)]
    public void A_short_run_is_judged_by_its_last_round_and_a_trial_not_at_all(int rounds, int warnings) =>
        Assert.Equal(warnings, Told(new ChanceWatch(10, rounds, TenEqual), Enumerable.Range(1, rounds).Select(_ => (2.4, (double?)0.1))).Count);

    private static List<string> Told(ChanceWatch watch, IEnumerable<(double Loss, double? Accuracy)> rounds)
    {
        List<string> told = [];
        foreach ((int index, (double loss, double? accuracy)) in rounds.Index())
        {
            Add(watch.Observe(new RoundFinished(index + 1, loss, 100, 1)));
            if (accuracy is { } judged)
                Add(watch.Observe(new Evaluated(index + 1, judged, loss, 1000)));
        }

        return told;

        void Add(string? warning)
        {
            if (warning is not null)
                told.Add(warning);
        }
    }
}
