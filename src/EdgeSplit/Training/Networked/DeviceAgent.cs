using System.Text;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Wire;

namespace EdgeSplit.Training.Networked;

/// <summary>
/// A device of a networked fleet: its samples, its lanes and its way to the server, which tells it everything else. It trains
/// until the server says goodbye.
/// </summary>
/// <param name="connection">The way to the server.</param>
/// <param name="train">What its samples are among.</param>
/// <param name="samples">Its own samples' numbers.</param>
/// <param name="lanes">Where its arithmetic runs.</param>
/// <param name="settings">What else there is to say.</param>
public sealed class DeviceAgent(DeviceConnectionOptions connection, Dataset train, int[] samples, ComputeLanes lanes, DeviceAgentSettings settings)
{
    /// <summary>Passes of a profile that count: what the median of a few says is enough to plan by.</summary>
    private const int ProfileRepetitions = 5;

    /// <summary>The samples under the contract of the server's last welcome.</summary>
    private Dataset? bound;

    /// <exception cref="InvalidInputException">The samples are not what the server's contract says; the server is told.</exception>
    /// <exception cref="RefusedException">The server does not take the device.</exception>
    /// <exception cref="ConnectionLostException">The server could not be reached for too long.</exception>
    public Task RunAsync(CancellationToken cancellation) => new DeviceConnection(connection, Accept, ProfileAsync, TrainAsync).RunAsync(cancellation);

    /// <summary>Brings the samples under the server's contract.</summary>
    private void Accept(DeviceTask task)
    {
        TrainingTerms terms = TrainingTerms.Of(task);
        Dataset own = DataBinding.Bind(terms.Contract, train, samples);
        bound = own;
        if (terms.Network.Vocabulary is int vocabulary && TokenRange.FaultsOf(own, samples, vocabulary) is { Count: > 0 } faults)
            throw new InvalidInputException(faults);
    }

    private async Task TrainAsync(DeviceTask task, ResumableLink link, CancellationToken cancellation)
    {
        TrainingTerms terms = TrainingTerms.Of(task);
        if (task.Welcome.Numerics is { Length: > 0 } server && NumericsWords.OfDevice(connection.Device, lanes.Numerics, server) is { } otherwise)
            connection.Report?.Invoke("warning: " + otherwise);
        TrainingSpec training = terms.Training;
        BatchReader reader = new(bound!, terms.Contract.Normalization, terms.Augmentation);
        DeviceData data = new(samples, reader, training.BatchSize, training.Seed, terms.Device);
        DevicePace pace = settings.PlayedProfile?.Invoke(terms.Network, training.BatchSize) is { } slower
            ? new EmulatedPace(slower, connection.Clock, settings.ReportTooSlow)
            : new DevicePace(connection.Clock);
        settings.Tell?.Invoke("waiting for the server to begin a round");
        await new DeviceLoop(terms.Device, terms.Network, training, data, lanes, pace) { Tell = settings.Tell }.RunAsync(link, cancellation).ConfigureAwait(false);
    }

    /// <summary>What each block costs here, or on the machine that this one plays; JSON.</summary>
    private async Task<string> ProfileAsync(DeviceTask task, CancellationToken cancellation)
    {
        TrainingTerms terms = TrainingTerms.Of(task);
        int batch = terms.Training.BatchSize;
        Profile profile = settings.PlayedProfile?.Invoke(terms.Network, batch) ?? await lanes.RunAsync(
            () => new Profiler(terms.Network, terms.Training.Optimizer, batch, lanes.Engine, connection.Clock)
                .Measure(connection.Device, settings.ThreadsPerLane, ProfileRepetitions, cancellation)).ConfigureAwait(false);
        using MemoryStream json = new();
        ProfileFile.Write(profile, json);
        return Encoding.UTF8.GetString(json.ToArray());
    }
}

/// <summary>What a device does besides training.</summary>
/// <param name="ThreadsPerLane">Threads of one operation, for the record of a profile.</param>
public sealed record DeviceAgentSettings(int ThreadsPerLane)
{
    /// <summary>The costs, for a network and a batch size, of the slower machine that this one plays; null to be itself.</summary>
    public Func<Network, int, Profile>? PlayedProfile { get; init; }

    /// <summary>Told of each round, and of what the device waits for, in words for people.</summary>
    public Action<string>? Tell { get; init; }

    /// <summary>Told once, with the factor, where this machine is slower than the one it plays.</summary>
    public Action<double> ReportTooSlow { get; init; } = _ => { };
}
