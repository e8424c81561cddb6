using EdgeSplit.Compute;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// <c>split</c>, vanilla split learning (Gupta &amp; Raskar 2018): devices take turns in fleet order. Each starts from what the one
/// before it came to, device side and server side, and what the last one comes to is the next global model; there is no mean.
/// </summary>
/// <remarks>
/// Optimizer state starts at zero with each turn, on both sides of the cut, so that here too the cut changes no bit. For the same
/// reason a device that fails leaves nothing behind: the next one goes on from what the last good one came to. A deadline is each
/// turn's.
/// </remarks>
internal sealed class SplitLearning : IRoundMethod
{
    public async Task<Weights?> TrainAsync(RoundAttempt round)
    {
        Weights? reached = null;
        foreach (Assignment assignment in round.Assignments)
        {
            Weights start = reached ?? round.Global;
            if (await round.TrainAsync(round.PartOf(assignment, start, start)).ConfigureAwait(false) is { } update)
            {
                reached?.Dispose();
                reached = update.Model;
            }

            if (round.Collected.IsLost)
                break;
        }

        if (round.Collected.IsEnough)
            return reached;
        reached?.Dispose();
        return null;
    }
}
