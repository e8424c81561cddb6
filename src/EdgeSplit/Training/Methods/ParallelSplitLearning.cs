using EdgeSplit.Compute;
using EdgeSplit.Models;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// <c>psl</c>, parallel split learning (Jeon &amp; Kim 2020): one server side and a barrier at each step. All devices send smashed
/// data, the server takes one step on the concatenated batch, and each device gets its rows of the cut-layer gradient of that
/// batch's mean loss. Every device side starts from the global one; at the round's end their sample-weighted mean and the server
/// side are the next global model.
/// </summary>
/// <remarks>
/// All devices of a round are at work at once. One with fewer steps leaves the barrier when it is done. One that fails leaves it
/// too, and the others go on without it: its device side has no part in the mean, but steps the server side took with its data
/// are not undone, so it cannot begin again before the next round. Whoever keeps the others waiting when the deadline passes is
/// late, and so is who does when as much time has passed again.
/// </remarks>
internal sealed class ParallelSplitLearning : IRoundMethod
{
    public async Task<Weights?> TrainAsync(RoundAttempt round)
    {
        Network network = round.Run.Network;
        int cut = round.CommonCut;
        WeightedMean deviceSides = new(network, 1, cut);
        StepBarrier barrier = await StepBarrier.BuildAsync(round, cut).ConfigureAwait(false);
        await using (barrier.ConfigureAwait(false))
        {
            await round.TrainSideBySideAsync(
                round.Assignments.Count,
                barrier.PartOf,
                (assignment, update) => deviceSides.Add(update.Model, round.SamplesOf(assignment))).ConfigureAwait(false);
            if (!round.Collected.IsEnough)
                return null;
            return Weights.Join(deviceSides.ToWeights(), RequireFinite(await barrier.SaveAsync().ConfigureAwait(false), round.Terms.Round));
        }
    }

    /// <summary>No one device is to blame for a server side that all train, and another try would come to the same.</summary>
    private static Weights RequireFinite(Weights serverSide, int round)
    {
        if (serverSide.FirstNotFinite() is not { } name)
            return serverSide;
        serverSide.Dispose();
        throw new RoundFailedException(
            $"round {round}: the server side that all devices train holds NaN or infinity in '{name}'; a smaller learning rate may help");
    }
}
