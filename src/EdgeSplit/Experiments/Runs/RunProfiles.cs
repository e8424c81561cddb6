using System.Globalization;

namespace EdgeSplit.Experiments.Runs;

/// <summary>Copies of the profiles that an experiment names, in a folder of the run's.</summary>
internal sealed class RunProfiles(string folder)
{
    private readonly Dictionary<string, string> copies = [];

    /// <summary>The experiment with every profile copied and named where it now lies.</summary>
    /// <exception cref="IOException">A profile cannot be read, or not be written.</exception>
    public Experiment Take(Experiment experiment, bool overwrite) => experiment with
    {
        Devices = [.. experiment.Devices.Select(device => device.Machine.ProfileFile is null ? device : device with { Machine = Take(device.Machine, overwrite) })],
        Shared = experiment.Shared is { } shared ? shared with { Server = Take(shared.Server, overwrite) } : null,
    };

    private MachineConfig Take(MachineConfig machine, bool overwrite)
    {
        if (machine.ProfileFile is not string file)
            return machine;
        if (!copies.TryGetValue(file, out string? copy))
        {
            byte[] content = File.ReadAllBytes(file);
            Directory.CreateDirectory(folder);
            copies[file] = copy = Path.Combine(folder, FreeName(Path.GetFileNameWithoutExtension(file)));
            AtomicFile.Write(copy, stream => stream.Write(content), overwrite);
        }

        return machine with { ProfileFile = copy };
    }

    /// <summary>The profile's own name, told apart from others of that name in other folders.</summary>
    private string FreeName(string name)
    {
        string safe = RunName.SafeFor(name), candidate = safe + ".json";
        for (int number = 2; copies.Values.Any(taken => string.Equals(Path.GetFileName(taken), candidate, StringComparison.OrdinalIgnoreCase)); number++)
            candidate = string.Create(CultureInfo.InvariantCulture, $"{safe}-{number}.json");
        return candidate;
    }
}
