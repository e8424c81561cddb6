using EdgeSplit.Planning.Optimization;

namespace EdgeSplit.Planning.Policies;

/// <summary>The same given cut for every device, with the best shares.</summary>
public sealed class FixedCutPolicy(int cut) : IPlanPolicy
{
    public string Name => FormattableString.Invariant($"fixed:{cut}");

    public Decision Decide(Problem problem)
    {
        List<InfeasibleDevice> without = WithoutCut(problem, cut);
        return without.Count > 0 ? Decision.None(without) : Decision.Of(Allocate(problem, cut));
    }

    /// <summary>The devices that do not offer the cut, and why.</summary>
    internal static List<InfeasibleDevice> WithoutCut(Problem problem, int cut)
    {
        List<InfeasibleDevice> without = [];
        for (int device = 0; device < problem.DeviceCount; device++)
        {
            int option = problem.FindOption(device, cut);
            if (option < 0)
                without.Add(new InfeasibleDevice(problem.DeviceName(device), $"it has no cut {cut}"));
            else if (!problem.IsOffered(device, option))
                without.Add(new InfeasibleDevice(problem.DeviceName(device), problem.WhyNotOffered(device, option)));
        }

        return without;
    }

    /// <summary>The cut for all, where every device offers it.</summary>
    internal static Allocation Allocate(Problem problem, int cut)
    {
        int[] options = new int[problem.DeviceCount];
        for (int device = 0; device < options.Length; device++)
            options[device] = problem.FindOption(device, cut);
        return ShareAllocation.Equalise(problem, options);
    }
}
