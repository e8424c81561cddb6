using EdgeSplit.Compute;

namespace EdgeSplit.Training.Methods;

/// <summary>A round whose devices meet at each step, at one server side that they share.</summary>
internal static class SharedServerSide
{
    /// <summary>Carries an attempt at a round out.</summary>
    /// <param name="round">Of one cut for all devices.</param>
    /// <param name="turns">What the server side makes of a step.</param>
    /// <returns>The mean of the device sides and the server side; null where the updates that the round needs did not come.</returns>
    public static async Task<Weights?> TrainAsync(RoundAttempt round, StepTurns turns)
    {
        int cut = round.CommonCut;
        using WeightedMean deviceSides = new(round.Run.Network, 1, cut);
        StepBarrier barrier = await StepBarrier.BuildAsync(round, cut, turns).ConfigureAwait(false);
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
