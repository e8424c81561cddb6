using System.Globalization;

namespace EdgeSplit.Planning.Costs;

/// <summary>What makes a fleet's costs doubtful: profiles whose times scatter, and estimates beside measurements.</summary>
public static class FleetDoubts
{
    /// <summary>So many names fit a line that people read.</summary>
    private const int MostNames = 4;

    /// <summary>Each doubt with what to do about it, in a sentence without its stop; empty where there is none.</summary>
    public static IReadOnlyList<string> Of(Fleet fleet)
    {
        List<string> doubts = [];
        // Devices of one kind share a profile; it is told once.
        foreach (IGrouping<Profile, string> group in Machines(fleet).GroupBy(machine => machine.Profile, machine => machine.Name))
        {
            if (OfProfile(group.Key) is { } doubt)
                doubts.Add($"{Names([.. group])}: {doubt}");
        }

        string[] estimated = [.. Machines(fleet).Where(machine => machine.Profile.IsEstimate).Select(machine => machine.Name)];
        string[] measured = [.. Machines(fleet).Where(machine => !machine.Profile.IsEstimate).Select(machine => machine.Name)];
        if (estimated.Length > 0 && measured.Length > 0)
        {
            doubts.Add(
                $"the costs of {Names(estimated)} are estimates by class and those of {Names(measured)} are measured; estimates can be several times off, so cuts and shares may favour the wrong machines: measure all of them with 'edgesplit profile', or give all a class");
        }

        return doubts;
    }

    /// <summary>Why a measured profile cannot be relied on; null where it can.</summary>
    public static string? OfProfile(Profile profile) => profile.Spread is { } spread && spread > Profile.MostSpread
        ? string.Create(
            CultureInfo.InvariantCulture,
            $"the times of its profile of {profile.Network} spread by {100 * spread:0} % of their median, and beyond {100 * Profile.MostSpread:0} % they cannot be relied on: measure again with nothing else at work and more --repetitions")
        : null;

    private static IEnumerable<(string Name, Profile Profile)> Machines(Fleet fleet) =>
        fleet.Devices.Select(device => (device.Name, device.Profile)).Append(("the server", fleet.Server.Profile));

    private static string Names(string[] names) => names.Length <= MostNames
        ? string.Join(", ", names)
        : $"{string.Join(", ", names.Take(MostNames))} and {names.Length - MostNames} more";
}
