namespace EdgeSplit.Training;

/// <summary>The same given cuts in every round, and no shares.</summary>
/// <param name="cuts">Each device's cut, in fleet order.</param>
public sealed class GivenCuts(IReadOnlyList<int> cuts) : ICutPlan
{
    public IReadOnlyList<int> Devices { get; } = [.. Enumerable.Range(0, cuts.Count)];

    public PlannedRound Decide(int round, IReadOnlyList<int> participants) =>
        new([.. participants.Select(device => new Assignment(device, cuts[device]))]);

    public void Observe(DeviceMeasurement measurement)
    {
    }
}
