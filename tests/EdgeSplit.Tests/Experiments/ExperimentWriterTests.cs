using CsCheck;
using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Experiments;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Planning.Costs;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Tests.Experiments;

public class ExperimentWriterTests
{
    private static readonly Gen<double> Fraction = Gen.Double[1e-9, 1 - 1e-9];

    private static Gen<string> OneOf(params string[] texts) => Gen.Int[0, texts.Length - 1].Select(index => texts[index]);

    private static readonly Gen<string> Text =
        Gen.OneOf(Gen.String[Gen.Char[' ', '~'], 1, 20], OneOf("null", "true", "1", "~", "a: b", "# x", "é ü", "a-1", "a", "- b", "'", "\""));

    private static readonly Gen<OptimizerSpec> Optimizers = Gen.OneOf(
        Gen.Select(Fraction, Gen.Bool, Fraction, (momentum, nesterov, decay) =>
            (OptimizerSpec)new OptimizerSpec.Sgd(momentum, nesterov) { WeightDecay = decay }),
        Gen.Select(Fraction, Fraction, Fraction, Gen.Bool, Fraction, (beta1, beta2, epsilon, decoupled, decay) =>
            (OptimizerSpec)new OptimizerSpec.Adam(beta1, beta2, epsilon, decoupled) { WeightDecay = decay }));

    private static readonly Gen<LearningRateSchedule> Schedules = Gen.OneOf(
        Fraction.Select(rate => (LearningRateSchedule)new LearningRateSchedule.Constant(rate)),
        Gen.Select(Fraction, Gen.Int[1, 50], Fraction, (rate, every, factor) => (LearningRateSchedule)new LearningRateSchedule.Step(rate, every, factor)),
        Gen.Select(Fraction, Fraction, (rate, part) => (LearningRateSchedule)new LearningRateSchedule.Cosine(rate, rate * part)));

    private static readonly Gen<PartitionSpec> Partitions = Gen.OneOf(
        Gen.Const((PartitionSpec)new PartitionSpec.Iid()),
        Gen.Select(Fraction, Gen.Int[1, 9], (alpha, minimum) => (PartitionSpec)new PartitionSpec.Dirichlet(alpha, minimum)),
        Gen.Select(Fraction, Gen.Int[1, 9], (alpha, minimum) => (PartitionSpec)new PartitionSpec.SizeSkew(alpha, minimum)),
        Gen.Int[1, 5].Select(classes => (PartitionSpec)new PartitionSpec.ClassesPerDevice(classes)));

    /// <summary>Amounts as measured or as written, and no limit.</summary>
    private static Gen<double> Amount => Gen.OneOf(Gen.Double[1, 1e9], Gen.Int[1, 99].Select(amount => amount * 1e6), Gen.Const(double.PositiveInfinity));

    private static readonly Gen<string> Paths = OneOf("a.csv", "sub/b c.csv", "../x.gz", "ü.csv").Select(Path.GetFullPath);

    private static readonly Gen<string> Names = OneOf("a", "no", "1.5", "T-shirt/top", "ü: x, [y]", "null", "~", "it's \"so\"");

    private static readonly Gen<DataSpec> Data = Gen.OneOf(
        Gen.Select(OneOf("mnist", "fashion-mnist"), Gen.Int[900, 60_000].Nullable(), Gen.Int[1, 10_000].Nullable(), Gen.Int[0, 8], Gen.Bool,
            (name, train, test, padding, flip) => new DataSpec(new DataSource.Named(name), train, test, new AugmentationSpec(padding, flip))),
        Gen.Select(Gen.Int[900, 60_000], Gen.Int[1, 10_000], Fraction,
            (train, test, noise) => new DataSpec(new DataSource.Synthetic(new(1, 28, 28), 10, train, test, noise), null, null, new())),
        Gen.Select(Paths, Paths, Text, Gen.Int[1, 100].Nullable(),
            (train, test, label, samples) => new DataSpec(new DataSource.Csv(train, test, label), samples, samples, new())),
        Gen.Select(Names, Names, Text, Gen.Int[0, 3], (one, other, label, kind) => new DataSpec(new DataSource.Csv(null, null, label), null, null, new())
        {
            Contract = new ContractSpec
            {
                Features = [one],
                Classes = kind == 0 ? ["0", "1", "2"] : [other, "another"],
                ClassesAreNumbers = kind == 0,
                Normalize = (NormalizeKind)kind,
                Given = kind == (int)NormalizeKind.Given ? new Normalization([0.1f], [1 / 3f]) : null,
            },
        }),
        Paths.Select(path => new DataSpec(new DataSource.Idx(null, null, path, path), null, null, new()) { Contract = new ContractSpec { Shape = new(1, 2, 3), Classes = ["a"] } }),
        Gen.Select(Paths, Paths, Gen.Int[1, 100].Nullable(),
            (images, labels, samples) => new DataSpec(new DataSource.Idx(images, labels, images, labels), null, samples, new())));

    private static readonly Gen<TrainingSpec> Training = Gen.Select(
        Gen.Enum<Method>(),
        Gen.Int[1, 100],
        Gen.Int[-9, 9].Where(work => work != 0),
        Gen.Int[1, 999],
        Gen.Select(Fraction, Gen.Int[1, 5], Gen.ULong[0, long.MaxValue], Fraction, Fraction),
        Optimizers,
        Schedules,
        (method, rounds, work, batch, others, optimizer, rate) => new TrainingSpec
        {
            Method = method,
            Rounds = rounds,
            LocalWork = work < 0 ? new LocalWork.Epochs(-work) : new LocalWork.Steps(work),
            BatchSize = batch,
            Participation = others.Item1,
            EvaluateEvery = others.Item2,
            Encoding = (TensorEncoding)(others.Item2 % 3),
            Seed = others.Item3,
            Optimizer = optimizer with { Proximal = method.AveragesModels() ? others.Item4 : 0 },
            ServerMomentum = method.AveragesModels() ? others.Item5 : 0,
            LearningRate = rate,
        });

    private static readonly Gen<MachineConfig> Machines = Gen.OneOf(
        Gen.Const(new MachineConfig(null, null)),
        OneOf("raspberry-pi-4", "laptop").Select(name => new MachineConfig(name, null)),
        Paths.Select(path => new MachineConfig(null, path)));

    private static readonly Gen<LinkSpec> Links = Gen.Select(Amount, Amount, Gen.Double[0, 2], (up, down, latency) => new LinkSpec(up, down, latency));

    private static readonly Gen<SharedConfig?> Shared = Gen.OneOf(
        Gen.Const((SharedConfig?)null),
        Gen.Select(Gen.Double[1, 1e9], Machines, Gen.Int[1, 9], (rate, server, lanes) => (SharedConfig?)new SharedConfig(new SharedBandwidth.Pool(rate), server, lanes)),
        Gen.Select(Gen.Int[1, 900], Machines, (rate, server) => (SharedConfig?)new SharedConfig(new SharedBandwidth.Duplex(rate * 1e6, rate), server, 1)));

    private static readonly Gen<PatienceConfig> Patience = Gen.Select(
        Gen.OneOf(
            Gen.Const((RoundDeadline?)null),
            Gen.Int[4, 40].Select(quarters => (RoundDeadline?)new RoundDeadline.OfClaim(quarters / 4.0)),
            Gen.Int[1, 9999].Select(tenths => (RoundDeadline?)new RoundDeadline.Seconds(tenths / 10.0))),
        Gen.Int[1, 9].Nullable(),
        (deadline, minimum) => new PatienceConfig(deadline, minimum));

    private static readonly Gen<PlanConfig?> Plans = Gen.OneOf(
        Gen.Const((PlanConfig?)null),
        Gen.Select(OneOf("edgesplit", "fixed:3", "random:18"), Gen.Double[0, 3], Gen.Bool, Gen.Bool,
            (policy, drift, excludes, lends) => (PlanConfig?)new PlanConfig(policy, drift, excludes, lends)));

    private static readonly Gen<Experiment> Experiments = Gen.Select(
        Text,
        Gen.OneOf(
            Gen.Select(OneOf("lenet5", "vgg5"), Fraction.Nullable(), (name, dropout) => new ModelChoice(name, null, dropout)),
            Paths.Select(path => new ModelChoice(null, path, null))),
        Data,
        Partitions,
        Training,
        Gen.Select(OneOf("a", "a-1", "b", "-1"), Gen.Int[1, 5], Gen.Int[1, 5], Machines, Links).Array[1, 6],
        Gen.Select(Gen.Select(Shared, Plans), Patience),
        Gen.Select(OneOf("cpu", "cuda", "cuda:1"), Gen.Int[1, 9].Nullable(), Gen.Int[1, 9], (device, lanes, threads) => new ComputeConfig(device, lanes, threads)),
        (name, model, data, partition, training, fleet, costs, compute) => new Experiment
        {
            Name = name,
            // A network's file is looked into where the data is known before it is loaded; these files are not there.
            Model = data.Source is DataSource.Csv or DataSource.Idx ? model : model with { Zoo = "lenet5", File = null },
            Data = data,
            Partition = partition,
            Training = training,
            Devices = DevicesOf(training.Method, fleet, isPlanned: costs.Item1.Item2 is not null),
            Shared = costs.Item1.Item1,
            Plan = training.Method switch
            {
                Method.EdgeSplit => costs.Item1.Item2,
                _ when training.Method.HasCommonCut() && costs.Item1.Item2 is not null => PlanConfig.BestCommonCut,
                _ => null,
            },
            Patience = costs.Item2,
            Compute = compute,
        });

    [Fact]
    public void What_is_written_reads_back_as_the_same_experiment() => Experiments.Sample(
        experiment => Assert.Equal(experiment, ExperimentFile.Parse(ExperimentWriter.Write(experiment), ".")), iter: 2000);

    [Fact]
    public void Paths_under_the_file_s_folder_are_written_relative_to_it() => Experiments.Sample(
        experiment =>
        {
            string text = ExperimentWriter.Write(experiment, Directory.GetCurrentDirectory());
            Assert.DoesNotContain(Path.Combine(Directory.GetCurrentDirectory(), "a.csv"), text, StringComparison.Ordinal);
            Assert.Equal(experiment, ExperimentFile.Parse(text, "."));
        },
        iter: 200);

    [Fact]
    public void Every_default_is_made_explicit()
    {
        string text = ExperimentWriter.Write(ExperimentFile.Parse(ExperimentFaultTests.Minimal, "."));
        string[] unset =
        [
            "model.file", "model.dropout", "data.normalize.mean", "data.normalize.deviation", "training.localSteps", "training.cut", .. KeyPaths.All.Where(path =>
                path == "plan" || path.StartsWith("plan.", StringComparison.Ordinal)
                || (path.StartsWith("fleet.", StringComparison.Ordinal) && !path.EndsWith("name", StringComparison.Ordinal) && !path.EndsWith("count", StringComparison.Ordinal))),
        ];
        foreach (string path in KeyPaths.All.Except(unset).Where(path => !IsOfAnotherChoice(path)))
            Assert.Contains(path[(path.LastIndexOf('.') + 1)..] + ":", text, StringComparison.Ordinal);
    }

    [Fact]
    public void A_large_fleet_is_written_by_its_kinds()
    {
        Experiment experiment = ExperimentFile.Parse(ExperimentFaultTests.Minimal + "    - { name: b, count: 100000, cut: 1 }\n", ".", ["data.source=synthetic", "data.shape=1x28x28", "data.trainSamples=200000"]);
        string text = ExperimentWriter.Write(experiment);
        Assert.True(text.Length < 2000, text);
        Assert.Equal(experiment, ExperimentFile.Parse(text, "."));
    }

    private static bool IsOfAnotherChoice(string path)
    {
        ValueKind.Section section = ExperimentKeys.Root;
        Key? key = null;
        foreach (string step in path.Replace("[0]", "", StringComparison.Ordinal).Split('.'))
        {
            key = section[step];
            section = key.Kind as ValueKind.Section ?? (key.Kind as ValueKind.List)?.Item ?? section;
        }

        return key?.OnlyFor is not null && !key.OnlyFor.Contains("sgd");
    }

    private static List<DeviceConfig> DevicesOf(Method method, (string Name, int Count, int Cut, MachineConfig Machine, LinkSpec Link)[] fleet, bool isPlanned)
    {
        if (method == Method.Centralized)
            return [new DeviceConfig("server", null)];
        IEnumerable<DeviceConfig> devices = fleet.SelectMany(kind => Enumerable.Range(1, kind.Count).Select(number => new DeviceConfig(
            kind.Count == 1 ? kind.Name : $"{kind.Name}-{number}",
            method switch
            {
                _ when isPlanned => null,
                Method.EdgeSplit => kind.Cut,
                _ when method.HasCommonCut() => fleet[0].Cut,
                _ => null,
            })
        {
            Machine = kind.Machine,
            Link = kind.Link,
            MemoryBytes = kind.Link.UplinkBitsPerSecond,
        }));
        return [.. devices.DistinctBy(device => device.Name)];
    }
}
