using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// <c>splitfed-v2</c> (Thapa et al. 2022, SFLV2): one server side, trained on the devices' smashed data one device after another, in
/// a random order of each round. Every device side starts from the global one; at the round's end their sample-weighted mean and
/// the server side are the next global model.
/// </summary>
/// <remarks>
/// The order follows from the seed. Optimizer state starts at zero with each turn, the server side's too, so that a device
/// that fails leaves nothing behind: the next one meets the server side as the last good one left it. A deadline is each turn's.
/// </remarks>
internal sealed class SplitFedV2 : IRoundMethod
{
    private const ulong Purpose = 0x7475726e; // "turn"

    public async Task<Weights?> TrainAsync(RoundAttempt round)
    {
        Network network = round.Run.Network;
        int cut = round.CommonCut;
        WeightedMean deviceSides = new(network, 1, cut);
        Weights serverSide = round.Global.Slice(network, cut + 1, network.Length);
        foreach (Assignment assignment in InRandomOrder(round))
        {
            using DeviceUpdate? update = await round.TrainAsync(round.PartOf(assignment, round.Global, serverSide)).ConfigureAwait(false);
            if (update is not null)
            {
                deviceSides.Add(update.Model, round.SamplesOf(assignment));
                serverSide.Dispose();
                serverSide = update.Model.Take(network, cut + 1, network.Length);
            }

            if (round.Collected.IsLost)
                break;
        }

        if (round.Collected.IsEnough)
            return Weights.Join(deviceSides.ToWeights(), serverSide);
        serverSide.Dispose();
        return null;
    }

    /// <summary>By a random key of each device, so that who else takes part does not change who comes before whom.</summary>
    private static IEnumerable<Assignment> InRandomOrder(RoundAttempt round) => round.Assignments.OrderBy(
        one => SeededRandom.KeyOf(round.Run.Training.Seed, Purpose, (ulong)round.Terms.Round, (ulong)one.Device));
}
