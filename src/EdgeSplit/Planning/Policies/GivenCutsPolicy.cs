using EdgeSplit.Planning.Optimization;

namespace EdgeSplit.Planning.Policies;

/// <summary>A given cut for each device, as an experiment file lists them, with the best shares for those cuts.</summary>
/// <param name="cutOfDevice">Blocks on the device, in the order of the problem's devices.</param>
public sealed class GivenCutsPolicy(IReadOnlyList<int> cutOfDevice) : IPlanPolicy
{
    public string Name => "file";

    /// <exception cref="InvalidInputException">There are not as many cuts as devices.</exception>
    public Decision Decide(Problem problem, PlanningTime time)
    {
        if (cutOfDevice.Count != problem.DeviceCount)
        {
            throw new InvalidInputException(
                "cuts", FormattableString.Invariant($"{cutOfDevice.Count} are given for {problem.DeviceCount} devices"), "give one for each device");
        }

        return Decide(problem, device => cutOfDevice[device], time);
    }

    internal static Decision Decide(Problem problem, Func<int, int> cutOf, PlanningTime time)
    {
        List<InfeasibleDevice> without = Without(problem, cutOf);
        return without.Count > 0 ? Decision.None(without) : Decision.Of(Allocate(problem, cutOf, time));
    }

    /// <summary>The devices that do not offer their cut, and why.</summary>
    internal static List<InfeasibleDevice> Without(Problem problem, Func<int, int> cutOf)
    {
        List<InfeasibleDevice> without = [];
        for (int device = 0; device < problem.DeviceCount; device++)
        {
            int option = problem.FindOption(device, cutOf(device));
            if (option < 0)
                without.Add(new InfeasibleDevice(problem.DeviceName(device), $"it has no cut {cutOf(device)}"));
            else if (!problem.IsOffered(device, option))
                without.Add(new InfeasibleDevice(problem.DeviceName(device), problem.WhyNotOffered(device, option)));
        }

        return without;
    }

    /// <summary>The cuts with their best shares, where every device offers its own.</summary>
    internal static Allocation Allocate(Problem problem, Func<int, int> cutOf, PlanningTime time)
    {
        int[] options = new int[problem.DeviceCount];
        for (int device = 0; device < options.Length; device++)
            options[device] = problem.FindOption(device, cutOf(device));
        return ShareAllocation.Equalise(problem, options, time);
    }
}
