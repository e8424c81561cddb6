using EdgeSplit.Experiments;
using EdgeSplit.Models;
using EdgeSplit.Models.Files;
using EdgeSplit.Training.Networked;
using EdgeSplit.Wire;

namespace EdgeSplit.Server.Sessions;

/// <summary>What a server tells every device that joins, and what it asks of it.</summary>
public sealed class FleetTerms
{
    private readonly Wire.Protocol.Training training;

    /// <param name="prepared">The experiment.</param>
    public FleetTerms(PreparedExperiment prepared)
    {
        Experiment experiment = prepared.Experiment;
        Names = [.. experiment.Devices.Select(device => device.Name)];
        Network = prepared.Network;
        Encoding = experiment.Training.Encoding;
        ModelText = ModelFile.ToText(Network.Spec);
        training = new TrainingTerms(Network, 0, experiment.Training, experiment.Data.Augmentation, prepared.Contract).ToWire();
        ContractText = prepared.Contract.ToString();
    }

    /// <summary>The devices that may join, in fleet order.</summary>
    public IReadOnlyList<string> Names { get; }

    public Network Network { get; }

    /// <summary>The network as YAML, every block and layer written out.</summary>
    public string ModelText { get; }

    /// <summary>What samples and labels are, as JSON.</summary>
    public string ContractText { get; }

    public TensorEncoding Encoding { get; }

    /// <summary>Either end lets something be heard at least so often.</summary>
    public TimeSpan Heartbeat { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>What decides the bits of what the server computes; empty where it does not say.</summary>
    public string Numerics { get; init; } = "";

    /// <summary>The server's answer to a hello.</summary>
    internal Wire.Protocol.Welcome WelcomeTo(int device, DeviceSession session) => new()
    {
        Session = session.Id,
        Received = session.Link.Received,
        DeviceIndex = (uint)device,
        Training = training,
        Encoding = Encoding.ToProtocol(),
        HeartbeatSeconds = Heartbeat.TotalSeconds,
        Numerics = Numerics,
    };
}
