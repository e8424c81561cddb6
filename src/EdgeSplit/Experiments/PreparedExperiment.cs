using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Models;
using EdgeSplit.Training;

namespace EdgeSplit.Experiments;

/// <summary>An experiment with its network built, its data read and dealt: all that can be wrong with it has been found.</summary>
public sealed class PreparedExperiment
{
    private PreparedExperiment(
        Experiment experiment, Network network, DataSplit data, IReadOnlyList<int[]> partition, IReadOnlyList<long>? samples = null)
    {
        Experiment = experiment;
        Network = network;
        Data = data;
        Partition = partition;
        Samples = samples ?? [.. partition.Select(own => own.LongLength)];
    }

    public Experiment Experiment { get; }

    public Network Network { get; }

    public DataSplit Data { get; }

    /// <summary>What samples and labels are, for everyone who takes part.</summary>
    public DataContract Contract => Data.Contract;

    /// <summary>The training samples of each device, in fleet order.</summary>
    public IReadOnlyList<int[]> Partition { get; }

    /// <summary>Each device's cut as the file gives it, in fleet order; L where a device trains the whole network.</summary>
    public IReadOnlyList<int> Cuts => [.. Experiment.Devices.Select(device => device.Cut ?? Network.Length)];

    /// <summary>Training samples of each device, in fleet order.</summary>
    public IReadOnlyList<long> Samples { get; }

    /// <param name="experiment">What to prepare.</param>
    /// <param name="catalog">Where its data is found.</param>
    /// <param name="model">A network to use instead of the experiment's.</param>
    /// <param name="progress">Told of downloads.</param>
    /// <param name="cancellation">Ends a download.</param>
    /// <exception cref="InvalidInputException">Data, network, cuts or partition do not fit: every fault.</exception>
    public static async Task<PreparedExperiment> PrepareAsync(
        Experiment experiment, DatasetCatalog catalog, ModelSpec? model = null, IProgress<DownloadProgress>? progress = null,
        CancellationToken cancellation = default)
    {
        DataSplit data = await catalog.LoadAsync(experiment.Data, experiment.Training.Seed, progress, cancellation).ConfigureAwait(false);
        Network network = model is null ? ExperimentChecks.BuildNetwork(experiment, data.Train.SampleShape, data.Train.Classes) : new Network(model);
        data = data with { Contract = ContractChecks.ContractFor(experiment, network, data) };
        bool hasSamples = data.Train.Count > 0;
        ExperimentChecks.Require(experiment, network, hasSamples ? data.Train.Count : null);
        // Who owns no samples deals none: its devices have theirs.
        IReadOnlyList<int[]> partition = hasSamples
            ? Partitioner.Deal(experiment.Partition, data.Train.Labels, data.Train.Classes, experiment.Devices.Count, experiment.Training.Seed)
            : [.. experiment.Devices.Select(_ => Array.Empty<int>())];
        return new PreparedExperiment(experiment, network, data, partition);
    }

    /// <summary>For what cannot be done by a server that leaves all samples to its devices.</summary>
    /// <exception cref="InvalidInputException">There are no training samples here.</exception>
    public void RequireSamples()
    {
        if (Data.Train.Count == 0)
        {
            throw new InvalidInputException(
                "data", "it has no training samples, which only a server can do without", "add them, or train it with 'edgesplit server' and devices that have their own");
        }
    }

    /// <summary>The same network, data, partition and seed for the first <paramref name="rounds"/> rounds, uncut if asked.</summary>
    public PreparedExperiment FirstRounds(int rounds, bool uncut)
    {
        Experiment shortened = Experiment with
        {
            Training = Experiment.Training with { Rounds = rounds, Method = uncut ? Method.FedAvg : Experiment.Training.Method },
            Devices = uncut ? [.. Experiment.Devices.Select(device => device with { Cut = null })] : Experiment.Devices,
        };
        return new PreparedExperiment(shortened, Network, Data, Partition);
    }

    /// <summary>The same network, data and partition, trained otherwise.</summary>
    public PreparedExperiment With(TrainingSpec training) => new(Experiment with { Training = training }, Network, Data, Partition, Samples);

    /// <summary>The same network, data and training for devices with data of their own: no part of the partition is theirs.</summary>
    /// <param name="devices">The fleet.</param>
    /// <param name="samples">Training samples of each device.</param>
    public PreparedExperiment For(IReadOnlyList<DeviceConfig> devices, IReadOnlyList<long> samples) =>
        new(Experiment with { Devices = devices }, Network, Data, partition: [], samples);

    /// <summary>The same without some devices: what they would have had of the training data is dealt to the others.</summary>
    public PreparedExperiment Without(IReadOnlySet<string> devices)
    {
        Experiment rest = Experiment with { Devices = [.. Experiment.Devices.Where(device => !devices.Contains(device.Name))] };
        return new PreparedExperiment(
            rest, Network, Data, Partitioner.Deal(rest.Partition, Data.Train.Labels, Data.Train.Classes, rest.Devices.Count, rest.Training.Seed));
    }

    /// <summary>Trains it in this process, from fresh weights or from where an earlier run of it stopped.</summary>
    /// <param name="plan">Decides each round's cuts and shares.</param>
    /// <param name="lanes">Where the arithmetic runs.</param>
    /// <param name="clock">For durations.</param>
    /// <param name="supervision">Where it starts, who is told, and when it ends.</param>
    /// <exception cref="RoundFailedException">A round does not come to the updates it needs.</exception>
    public Task<TrainingResult> TrainAsync(ICutPlan plan, ComputeLanes lanes, TimeProvider clock, RunSupervision supervision)
    {
        TrainingSpec training = Experiment.Training;
        BatchReader reader = new(Data.Train, Data.Normalization, Experiment.Data.Augmentation);
        DeviceData[] deviceData =
            [.. Partition.Select((samples, device) => new DeviceData(samples, reader, training.BatchSize, training.Seed, device))];
        InProcessFleet fleet = new([.. Experiment.Devices.Select(device => device.Name)], deviceData, Network, training, lanes, clock);
        ReportStart(lanes, supervision);
        ExperimentPlan.Tell(this, plan, supervision);
        return TrainAsync(plan, fleet, Experiment.Patience.ApplyTo(FailurePolicy.Strict), lanes, clock, supervision);
    }

    /// <summary>Trains it with a fleet, wherever its devices are.</summary>
    /// <param name="plan">Decides each round's cuts and shares.</param>
    /// <param name="fleet">Who trains.</param>
    /// <param name="failures">What becomes of a round in which devices fail.</param>
    /// <param name="lanes">Where the server's part of the arithmetic runs.</param>
    /// <param name="clock">For durations and deadlines.</param>
    /// <param name="supervision">Where it starts, who is told, and when it ends.</param>
    /// <exception cref="RoundFailedException">A round does not come to the updates it needs.</exception>
    public Task<TrainingResult> TrainAsync(
        ICutPlan plan, IFleet fleet, FailurePolicy failures, ComputeLanes lanes, TimeProvider clock, RunSupervision supervision)
    {
        RoundLoop loop = new(Network, Experiment.Training, fleet, lanes, CreateEvaluator(lanes), Watched(supervision.Report), clock, failures);
        if (supervision.PlanInForce is { } planned)
            plan.GoOnWith(planned);
        TrainingResult start = supervision.Start
            ?? new TrainingResult(WeightInitializer.Initialize(Network, Experiment.Training.Seed), Evaluation: null, Rounds: 0);
        return loop.RunAsync(start, plan, supervision.RoundDone, supervision.Stop, supervision.Abandon);
    }

    /// <summary>Tells what is about to be trained, or that it goes on, and with what it computes.</summary>
    /// <param name="lanes">Where the server's part of the arithmetic runs.</param>
    /// <param name="supervision">Who is told.</param>
    /// <param name="deviceNumerics">What decides the bits of what each device computes, by name; null where all do in these lanes.</param>
    public void ReportStart(ComputeLanes lanes, RunSupervision supervision, IReadOnlyDictionary<string, string>? deviceNumerics = null)
    {
        if (supervision.Start is { } start)
        {
            supervision.Report(new RunResumed(start.Rounds, Experiment.Training.Rounds) { Numerics = lanes.Numerics, DeviceNumerics = deviceNumerics });
            if (NumericsWords.OfResumption(supervision.NumericsBefore, lanes.Numerics) is { } otherwise)
                supervision.Report(new RunWarning(otherwise));
            return;
        }

        supervision.Report(new RunStarted(
            Experiment.Name, Vocabulary.NameOf(Experiment.Training.Method), Network.Spec.Name, Experiment.Devices.Count, Network.Length,
            Network.Parameters.Sum(parameter => parameter.Role == ParameterRole.Trainable ? parameter.Shape.ElementCount : 0),
            lanes.Engine.Description, Experiment.Training.Seed)
        {
            Numerics = lanes.Numerics,
            DeviceNumerics = deviceNumerics,
        });
        foreach (string warning in Data.Warnings)
            supervision.Report(new RunWarning(warning));
        if (Data.Test.Count == 0)
            supervision.Report(new RunWarning("there is no test set, so nothing will be judged: rounds have a training loss and no accuracy"));
    }

    /// <summary>Tells too of a run that learns nothing.</summary>
    private Action<RunEvent> Watched(Action<RunEvent> report)
    {
        int[] counts = new int[Network.Spec.Classes];
        foreach (int label in Data.Test.Labels)
            counts[label]++;
        ChanceWatch watch = new(Network.Spec.Classes, Experiment.Training.Rounds, counts);
        return happened =>
        {
            report(happened);
            if (watch.Observe(happened) is { } warning)
                report(new RunWarning(warning));
        };
    }

    /// <summary>Judges weights on this experiment's test set; null where it has none.</summary>
    public Evaluator? CreateEvaluator(ComputeLanes lanes) => Data.Test.Count == 0
        ? null
        : new(Network, Data.Test, new BatchReader(Data.Test, Data.Normalization, new AugmentationSpec()), lanes);
}
