using System.Collections.Immutable;

namespace EdgeSplit.Planning;

/// <summary>A fleet cannot be trained as asked, because there is no plan for it; the devices in the way are named.</summary>
public sealed class InfeasiblePlanException(string policy, ImmutableArray<InfeasibleDevice> infeasible)
    : Exception($"there is no feasible plan by the policy {policy}: {string.Join("; ", infeasible.Select(device => $"{device.Device}: {device.Reason}"))}")
{
    public string Policy => policy;

    public ImmutableArray<InfeasibleDevice> Infeasible => infeasible;
}
