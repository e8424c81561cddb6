using EdgeSplit.Models;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Experiments;

/// <summary>An experiment's fleet with its costs: profiles measured or estimated, links, memory, samples.</summary>
public static class FleetCosts
{
    private const string ServerClass = "server";

    /// <summary>Whether the file says enough to know what a round takes.</summary>
    public static bool AreKnown(Experiment experiment) =>
        experiment.Shared is not null && experiment.Devices.All(device => device.Machine is not { Class: null, ProfileFile: null });

    /// <param name="experiment">The experiment.</param>
    /// <param name="network">Its network.</param>
    /// <param name="samples">Training samples of each device, in fleet order.</param>
    /// <param name="measured">Profiles measured in this run, by device name, before what the file says; the server's under an empty name.</param>
    /// <exception cref="InvalidInputException">Nothing is known of a machine or of the shared link, or a profile is none of this network: every fault.</exception>
    public static Fleet Of(
        Experiment experiment, Network network, IReadOnlyList<long> samples, IReadOnlyDictionary<string, Profile>? measured = null)
    {
        List<Fault> faults = [];
        Dictionary<MachineConfig, Profile?> known = [];
        int batch = experiment.Training.BatchSize;
        if (experiment.Shared is null)
            faults.Add(new Fault(experiment.Places.Of("fleet"), "the bandwidth that all devices share is not known", "add fleet.bandwidth, as in bandwidth: 20 Mbps"));
        List<FleetDevice> devices = [];
        for (int index = 0; index < experiment.Devices.Count; index++)
        {
            DeviceConfig device = experiment.Devices[index];
            string place = experiment.Places.OfDevice(index);
            Profile? profile = ProfileOf(device.Machine, device.Name, place);
            if (profile is not null)
                devices.Add(new FleetDevice(device.Name, profile, device.MemoryBytes, device.Link, checked((int)samples[index])));
            else if (device.Machine is { Class: null, ProfileFile: null })
                faults.Add(new Fault(place, $"nothing is known of the costs of '{device.Name}'", "add its class, or a profile that 'edgesplit profile' measured"));
        }

        MachineConfig server = experiment.Shared?.Server is { } given && given != new MachineConfig(null, null) ? given : new MachineConfig(ServerClass, null);
        Profile? serverProfile = ProfileOf(server, "", experiment.Places.Of("fleet.server"));
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
        return new Fleet(devices, new FleetServer(serverProfile!, experiment.Shared!.ServerLanes, experiment.Shared.Bandwidth));

        Profile? ProfileOf(MachineConfig machine, string name, string place)
        {
            if (measured?.GetValueOrDefault(name) is { } own)
                return own;
            if (machine is { Class: null, ProfileFile: null })
                return null;
            if (!known.TryGetValue(machine, out Profile? profile))
                known[machine] = profile = Read(machine, place, network, batch, faults);
            return profile;
        }
    }

    /// <summary>What a round of the experiment is made of.</summary>
    public static RoundWork WorkOf(TrainingSpec training) => new()
    {
        Epochs = training.LocalWork is LocalWork.Epochs epochs ? epochs.Count : 1,
        Steps = training.LocalWork is LocalWork.Steps steps ? steps.Count : null,
        BatchSize = training.BatchSize,
        Optimizer = training.Optimizer,
        WireRatio = training.Encoding.Ratio(),
    };

    private static Profile? Read(MachineConfig machine, string place, Network network, int batch, List<Fault> faults)
    {
        try
        {
            if (machine.Class is string name)
                return DeviceClass.Parse(name, place).Estimate(network, batch);
            using FileStream stream = File.OpenRead(machine.ProfileFile!);
            return ProfileFile.Read(stream, machine.ProfileFile!);
        }
        catch (InvalidInputException invalid)
        {
            faults.AddRange(invalid.Faults);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            faults.Add(new Fault(place, "its profile cannot be read: " + FileTrouble.Describe(exception), "'edgesplit profile ... --output FILE' writes one"));
        }

        return null;
    }
}
