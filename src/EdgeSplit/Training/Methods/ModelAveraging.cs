using EdgeSplit.Compute;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// Every device trains from the global model, its blocks c+1..L in a server-side replica of its own; the sample-weighted mean of
/// the whole models is the next global model. <c>edgesplit</c> (Zhang et al. 2024, arXiv:2403.15815) with a cut per device,
/// <c>splitfed-v1</c> (Thapa et al. 2022) with one for all, <c>fedavg</c> (McMahan et al. 2017) with c = L, and <c>centralized</c>
/// with all data on one device: the cut changes no bit.
/// </summary>
/// <remarks>A device that fails has no part in the mean, and leaves nothing behind.</remarks>
internal sealed class ModelAveraging : IRoundMethod
{
    public async Task<Weights?> TrainAsync(RoundAttempt round)
    {
        using WeightedMean mean = new(round.Run.Network);
        await round.TrainSideBySideAsync(
            round.Run.Fleet.DevicesAtOnce,
            assignment => round.PartOf(assignment, round.Global, round.Global),
            (assignment, update) => mean.Add(update.Model, round.SamplesOf(assignment))).ConfigureAwait(false);
        return round.Collected.IsEnough ? mean.ToWeights() : null;
    }
}
