using EdgeSplit.Planning;
using EdgeSplit.Planning.Policies;

namespace EdgeSplit.Cli;

/// <summary>Something that could be changed about what is planned.</summary>
/// <param name="What">The change, as a person would say it.</param>
/// <param name="Price">What else it changes; null for nothing.</param>
/// <param name="Make">The problem with it, and the policy for that.</param>
internal sealed record PlanChange(string What, string? Price, Func<(Problem Problem, IPlanPolicy Policy)> Make);
