using EdgeSplit.Training;

namespace EdgeSplit.Experiments.Runs;

/// <summary>
/// <c>plan.json</c>: all plans of a run so far. The file is written anew with each of the first plans; where they become many, as with
/// other participants in every round, with every doubling and at the end. Events hold each plan at once.
/// </summary>
/// <param name="folder">Where.</param>
/// <param name="before">The plans of a run that goes on.</param>
internal sealed class PlanRecord(RunFolder folder, IEnumerable<RoundPlanned> before) : IDisposable
{
    private const int WrittenAtOnce = 32;

    private readonly List<RoundPlan> plans = [.. before.Select(RoundPlan.Of)];
    private int written;

    public void Add(RoundPlanned planned)
    {
        plans.Add(RoundPlan.Of(planned));
        if (plans.Count <= WrittenAtOnce || plans.Count >= 2 * written)
            Write();
    }

    public void Dispose()
    {
        if (written < plans.Count)
            Write();
    }

    private void Write()
    {
        folder.WritePlan(plans);
        written = plans.Count;
    }
}
