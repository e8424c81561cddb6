using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Simulation.Methods;

/// <summary>
/// The best shares where devices meet at every step, not at the round's end: those with which the longest of the steps, weights
/// apart, is as short as it can be. A device with few samples, and so few steps, needs as much of the link in a step as any other.
/// </summary>
internal static class StepShares
{
    /// <param name="costs">The costs of the fleet.</param>
    /// <param name="round">A plan for its rounds; its cuts are kept.</param>
    public static Plan Of(ProblemBuilder costs, Plan round)
    {
        Problem rounds = round.Problem;
        ProblemDraft draft = new(rounds.Resources);
        for (int device = 0; device < rounds.DeviceCount; device++)
        {
            int cut = round.Cut(device);
            BatchCounts batches = costs.Batches(device);
            StepCost step = costs.Step(device, cut, batches.Full > 0 ? batches.FullSamples : batches.ShortSamples);
            draft.AddDevice(rounds.DeviceName(device));
            for (int resource = 0; resource < rounds.Resources.Length; resource++)
            {
                if (double.IsFinite(rounds.Cap(device, resource)))
                    draft.SetCap(resource, rounds.Cap(device, resource));
            }

            draft.AddCut(cut, step.ForwardSeconds + step.BackwardSeconds + (2 * step.LatencySeconds));
            bool isPool = costs.Downlink == ProblemBuilder.Uplink;
            // At the cut L a step sends nothing, and weights alone decide.
            double weights = step.UplinkBits > 0 ? 0 : costs.WeightBits(cut);
            double up = step.UplinkBits + weights, down = step.DownlinkBits + weights;
            draft.SetDemand(ProblemBuilder.Uplink, isPool ? up + down : up);
            if (!isPool)
                draft.SetDemand(costs.Downlink, down);
        }

        return Planner.Decide(draft.ToProblem(), new GivenCutsPolicy([.. Enumerable.Range(0, rounds.DeviceCount).Select(round.Cut)]));
    }
}
