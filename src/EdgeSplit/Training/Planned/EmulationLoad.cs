using System.Globalization;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Training.Planned;

/// <summary>What it takes one machine to play the devices of a plan, each in its own time, and to be their server.</summary>
public static class EmulationLoad
{
    /// <summary>The part of the cores that may be at work; beyond it, work waits for work that the plan does not know of.</summary>
    private const double MostOfCores = 0.75;

    /// <summary>Why times will not be those of the fleet; empty where the machine is strong enough.</summary>
    /// <param name="plan">Of the round.</param>
    /// <param name="planned">What its costs were made of.</param>
    /// <param name="host">The network's costs on one core of this machine.</param>
    /// <param name="cores">Of this machine.</param>
    public static IReadOnlyList<string> ProblemsOf(Plan plan, ProblemBuilder planned, Profile host, int cores)
    {
        ProblemBuilder onHost = new(
            planned.Network, planned.Fleet with { Devices = [.. planned.Fleet.Devices.Select(device => device with { Profile = host })] }, planned.Work);
        List<string> problems = [];
        double busySeconds = 0;
        for (int device = 0; device < planned.Fleet.Devices.Count; device++)
        {
            RoundCost played = planned.Round(device, plan.Cut(device)), real = onHost.Round(device, plan.Cut(device));
            busySeconds += real.DeviceSeconds + real.ServerSeconds;
            if (real.DeviceSeconds > played.DeviceSeconds)
            {
                problems.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{planned.Fleet.Devices[device].Name}'s work takes a core of this machine {real.DeviceSeconds / played.DeviceSeconds:0.00} times as long as the {planned.Fleet.Devices[device].Profile.Machine} it plays"));
            }
        }

        double load = busySeconds / (cores * plan.RoundSeconds);
        if (load > MostOfCores)
        {
            problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"a round is {busySeconds:0.0} s of work for {cores} cores and claimed to take {plan.RoundSeconds:0.0} s: they would be busy for {load * 100:0} % of it, and {MostOfCores * 100:0} % is the most that leaves times as they are"));
        }

        return problems;
    }
}
