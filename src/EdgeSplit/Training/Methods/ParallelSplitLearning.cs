using EdgeSplit.Compute;

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
    public Task<Weights?> TrainAsync(RoundAttempt round) => SharedServerSide.TrainAsync(round, (_, devices) => [[.. devices]]);
}
