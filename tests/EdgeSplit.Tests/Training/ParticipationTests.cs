using CsCheck;
using EdgeSplit.Training;

namespace EdgeSplit.Tests.Training;

public class ParticipationTests
{
    [Fact]
    public void A_draw_has_the_asked_fraction_at_least_one_no_repeats_and_fleet_order() =>
        Gen.Select(Gen.Int[1, 300], Gen.Double[0.001, 1], Gen.ULong, Gen.Int[1, 50]).Sample((devices, fraction, seed, round) =>
        {
            int[] drawn = Participation.Draw([.. Enumerable.Range(0, devices)], fraction, seed, round);
            Assert.Equal(Math.Clamp((int)Math.Round(fraction * devices), 1, devices), drawn.Length);
            Assert.Equal(drawn.Order().Distinct(), drawn);
            Assert.All(drawn, device => Assert.InRange(device, 0, devices - 1));
            Assert.Equal(drawn, Participation.Draw([.. Enumerable.Range(0, devices)], fraction, seed, round));
        });
}
