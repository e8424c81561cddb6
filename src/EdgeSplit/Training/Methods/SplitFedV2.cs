using EdgeSplit.Compute;
using EdgeSplit.Numerics;

namespace EdgeSplit.Training.Methods;

/// <summary>
/// <c>splitfed-v2</c> (Thapa et al. 2022, SFLV2): one server side and a barrier at each step, as in <see cref="ParallelSplitLearning"/>;
/// but the server takes a step for each device's mini-batch, one after another in random order, and each device gets the cut-layer
/// gradient of its own mini-batch's mean loss. Every device side starts from the global one; at the round's end their
/// sample-weighted mean and the server side are the next global model.
/// </summary>
/// <remarks>
/// The order is another at each step and follows from the seed, so that nothing depends on who comes first. What fails, and what
/// comes of it, is as with <c>psl</c>.
/// </remarks>
internal sealed class SplitFedV2 : IRoundMethod
{
    private const ulong Purpose = 0x7475726e; // "turn"

    public Task<Weights?> TrainAsync(RoundAttempt round)
    {
        return SharedServerSide.TrainAsync(round, InRandomOrder);

        // By a random key of each device, so that who else takes part does not change who comes before whom.
        IEnumerable<int[]> InRandomOrder(int step, IReadOnlyList<int> devices) => devices
            .OrderBy(device => SeededRandom.KeyOf(round.Run.Training.Seed, Purpose, (ulong)round.Terms.Round, (ulong)step, (ulong)device))
            .Select(device => new[] { device });
    }
}
