using EdgeSplit.Experiments;
using EdgeSplit.Server.Security;
using EdgeSplit.Training;

namespace EdgeSplit.Cli;

/// <summary>An experiment whose fleet is of devices of their own.</summary>
internal static class NetworkExperiment
{
    /// <exception cref="InvalidInputException">It is wrong, or has no fleet.</exception>
    public static Experiment Read(RunSource source)
    {
        Experiment experiment = source.ReadExperiment();
        if (experiment.Training.Method == Method.Centralized)
            throw new InvalidInputException(source.Path, "the method centralized has no devices to wait for", "choose another, or train it with 'edgesplit train'");
        return experiment is { Plan: not null, Shared: null }
            ? throw new InvalidInputException($"{source.Path}: fleet", "a plan needs the bandwidth that all devices share", "add fleet.bandwidth, as in bandwidth: 20 Mbps")
            : experiment;
    }

    /// <summary>
    /// The same experiment with every enrolled device for its fleet, in the order of their names, whatever the file's fleet is;
    /// a device that the file does not know is like its first.
    /// </summary>
    /// <exception cref="InvalidInputException">No device is enrolled.</exception>
    public static Experiment WithEnrolled(Experiment experiment, ITokenSource tokens)
    {
        string[] names = [.. tokens.Read().Select(device => device.Name).Order(StringComparer.Ordinal)];
        return names.Length == 0
            ? throw new InvalidInputException("--any", "no device is enrolled", "enrol devices with 'edgesplit enroll NAME'")
            : experiment with { Devices = [.. names.Select(Config)] };

        DeviceConfig Config(string name) =>
            experiment.Devices.FirstOrDefault(device => device.Name == name) ?? experiment.Devices[0] with { Name = name };
    }
}
