using System.Globalization;
using EdgeSplit.Planning;
using EdgeSplit.Planning.Costs;

namespace EdgeSplit.Training.Planned;

/// <summary>What it takes one machine to play the devices of a plan, each in its own time, and to be their server.</summary>
public static class EmulationLoad
{
    /// <summary>The part of the cores that may be at work; beyond it, work waits for work that the plan does not know of.</summary>
    private const double MostOfCores = 0.75;

    /// <summary>By how much of a round a device's work may take longer here than on the machine it plays, before that is told.</summary>
    private const double MostLate = 0.02;

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
            if (real.DeviceSeconds - played.DeviceSeconds > MostLate * plan.RoundSeconds)
            {
                FleetDevice one = planned.Fleet.Devices[device];
                problems.Add(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{one.Name}'s part of a round is {ReadableTime.Of(real.DeviceSeconds, "0.00")} of work for this machine, and {ReadableTime.Of(played.DeviceSeconds, "0.00")} for the {one.Profile.Machine} it plays"));
            }
        }

        double load = busySeconds / (cores * plan.RoundSeconds);
        if (load > MostOfCores)
        {
            problems.Add(string.Create(
                CultureInfo.InvariantCulture,
                $"a round is {ReadableTime.Of(busySeconds, "0.0")} of work, {load * 100:0} % of what {cores} cores do in the {ReadableTime.Of(plan.RoundSeconds, "0.0")} that it is claimed to take; beyond {MostOfCores * 100:0} %, devices wait for each other"));
        }

        return problems;
    }
}
