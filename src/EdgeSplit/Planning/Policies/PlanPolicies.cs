using System.Globalization;

namespace EdgeSplit.Planning.Policies;

/// <summary>The policies by name.</summary>
public static class PlanPolicies
{
    /// <summary>How each is written, for help and for errors.</summary>
    public const string Forms = "edgesplit, optimal, uniform, equal-shares, fixed:CUT, full-local, random:SEED";

    /// <exception cref="InvalidInputException">There is no such policy.</exception>
    public static IPlanPolicy Parse(string name) => name.Split(':', 2) switch
    {
        ["edgesplit"] => new EdgeSplitPolicy(),
        ["optimal"] => new OptimalPolicy(),
        ["uniform"] => new UniformPolicy(),
        ["equal-shares"] => new EqualSharesPolicy(),
        ["full-local"] => new FullLocalPolicy(),
        ["fixed", string cut] when int.TryParse(cut, NumberStyles.None, CultureInfo.InvariantCulture, out int number) =>
            new FixedCutPolicy(number),
        ["random", string seed] when ulong.TryParse(seed, NumberStyles.None, CultureInfo.InvariantCulture, out ulong number) =>
            new RandomPolicy(number),
        _ => throw new InvalidInputException("policy", $"there is no policy '{name}'", $"choose one of {Forms}"),
    };
}
