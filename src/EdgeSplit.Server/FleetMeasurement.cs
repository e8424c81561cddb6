using System.Text;
using EdgeSplit.Compute;
using EdgeSplit.Experiments;
using EdgeSplit.Models;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Server.Sessions;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Server;

/// <summary>What a fleet costs, measured before it is planned: blocks on every machine, and the links in between.</summary>
/// <param name="prepared">The experiment.</param>
/// <param name="sessions">The devices.</param>
/// <param name="lanes">Where the server's own profile is measured.</param>
/// <param name="tell">Told what is being measured.</param>
/// <param name="clock">Measures.</param>
public sealed class FleetMeasurement(PreparedExperiment prepared, DeviceSessions sessions, ComputeLanes lanes, Action<string> tell, TimeProvider clock)
{
    /// <summary>The server's name among measured profiles.</summary>
    internal const string Server = "";

    private const int ProfileRepetitions = 5;

    /// <summary>Measures what the experiment does not say, or everything that can be; null where no one plans by it.</summary>
    /// <param name="present">The devices of the run, ascending.</param>
    /// <param name="everything">Profile every device, whatever the experiment says of it.</param>
    /// <param name="oneByOne">The devices share a machine: they are not measured side by side.</param>
    /// <param name="cancellation">Gives it up.</param>
    public async Task<MeasuredFleet?> MeasureAsync(IReadOnlyList<int> present, bool everything, bool oneByOne, CancellationToken cancellation)
    {
        Experiment experiment = prepared.Experiment;
        if (experiment is { Plan: null, Shared: null })
            return null;
        int[] unknown = [.. present.Where(device => everything || experiment.Devices[device].Machine is { Class: null, ProfileFile: null })];
        Dictionary<string, Profile> profiles = [];
        // A class is an estimate of this machine; better than that is to look.
        if (everything || experiment.Shared?.Server.ProfileFile is null)
            profiles[Server] = await ProfileServerAsync(cancellation).ConfigureAwait(false);
        if (unknown.Length > 0)
        {
            tell($"Measuring what each block costs on {string.Join(", ", unknown.Select(device => experiment.Devices[device].Name))}.");
            Profile[] measured = await ForEachAsync(unknown, oneByOne, ProfileAsync, cancellation).ConfigureAwait(false);
            foreach ((int device, Profile profile) in unknown.Zip(measured))
                profiles[experiment.Devices[device].Name] = profile;
        }

        // One link at a time: side by side they would measure what they share.
        LinkMeasurement[] links = await ForEachAsync(present, oneByOne: true, ProbeAsync, cancellation).ConfigureAwait(false);
        return new MeasuredFleet(profiles, links);
    }

    private static async Task<T[]> ForEachAsync<T>(
        IReadOnlyList<int> devices, bool oneByOne, Func<int, CancellationToken, Task<T>> measure, CancellationToken cancellation)
    {
        if (!oneByOne)
            return await Task.WhenAll(devices.Select(device => measure(device, cancellation))).ConfigureAwait(false);
        List<T> results = [];
        foreach (int device in devices)
            results.Add(await measure(device, cancellation).ConfigureAwait(false));
        return [.. results];
    }

    private Task<Profile> ProfileServerAsync(CancellationToken cancellation)
    {
        TrainingSpec training = prepared.Experiment.Training;
        tell("Measuring what each block costs on this machine.");
        return lanes.RunAsync(() => new Profiler(prepared.Network, training.Optimizer, training.BatchSize, lanes.Engine, clock)
            .Measure("server", prepared.Experiment.Compute.ThreadsPerLane, ProfileRepetitions, cancellation));
    }

    private async Task<Profile> ProfileAsync(int device, CancellationToken cancellation)
    {
        ResumableLink link = await sessions.LinkOfAsync(device, cancellation).ConfigureAwait(false);
        string json = await link.ProfileAsync(cancellation).ConfigureAwait(false);
        string source = $"the profile that '{prepared.Experiment.Devices[device].Name}' sent";
        using MemoryStream stream = new(Encoding.UTF8.GetBytes(json));
        Profile profile = ProfileFile.Read(stream, source);
        Network network = prepared.Network;
        return profile.Blocks.Length == network.Length ? profile : throw new InvalidInputException(source, $"it has {profile.Blocks.Length} blocks, not {network.Length}");
    }

    private async Task<LinkMeasurement> ProbeAsync(int device, CancellationToken cancellation)
    {
        ResumableLink link = await sessions.LinkOfAsync(device, cancellation).ConfigureAwait(false);
        return await link.ProbeAsync(cancellation).ConfigureAwait(false);
    }
}

/// <summary>What was measured of a fleet.</summary>
/// <param name="Profiles">By device name; the server's under an empty one.</param>
/// <param name="Links">Of the run's devices, in order.</param>
public sealed record MeasuredFleet(IReadOnlyDictionary<string, Profile> Profiles, IReadOnlyList<LinkMeasurement> Links)
{
    /// <summary>The server's own costs; null where the experiment gives them.</summary>
    public Profile? ServerProfile => Profiles.GetValueOrDefault(FleetMeasurement.Server);
}
