using EdgeSplit.Compute;
using EdgeSplit.Experiments.Keys;
using EdgeSplit.Training;
using EdgeSplit.Wire;

namespace EdgeSplit.Experiments.Reading;

/// <summary>
/// Turns a file's values into an <see cref="Experiment"/>, and records what is wrong between keys. Where a value was wrong
/// by itself a default stands in, so that the rest is judged all the same.
/// </summary>
internal sealed class ExperimentBinder(SectionValues root, Overrides overrides, string baseDirectory)
{
    public Experiment Bind()
    {
        SectionValues training = root.Section("training");
        Method? method = training.Text("method") is string name ? Vocabulary.Methods[name] : null;
        FleetBinder fleet = new(root, training, method, overrides, baseDirectory);
        DataBinder data = new(root.Section("data"), baseDirectory);
        SectionValues compute = root.Section("compute");
        return new Experiment
        {
            Name = root.Text("name")!,
            Model = BindModel(root.Section("model")),
            Data = data.Bind(),
            Partition = data.BindPartition(),
            Training = BindTraining(training, method ?? Method.EdgeSplit),
            Devices = fleet.Bind(),
            Shared = fleet.BindShared(),
            Plan = fleet.BindPlan(),
            Patience = BindPatience(training),
            Compute = new ComputeConfig(compute.Text("device")!, compute.Whole("lanes"), compute.Whole("threadsPerLane")!.Value),
            Places = new ExperimentPlaces(fleet.Places, new Dictionary<string, string>
            {
                ["training.cut"] = training.PlaceOf("cut"),
                ["fleet"] = root.PlaceOf("fleet"),
                ["fleet.server"] = root.Section("fleet").PlaceOf("server"),
                ["plan"] = root.PlaceOf("plan"),
                ["fleet.devices"] = root.Section("fleet").PlaceOf("devices"),
                ["data.augment"] = root.Section("data").PlaceOf("augment"),
                ["data.partition"] = root.Section("data").PlaceOf("partition"),
                ["model"] = root.PlaceOf("model"),
            }),
        };
    }

    private ModelChoice BindModel(SectionValues model)
    {
        string? file = model.Text("file");
        if (file is not null && model.Has("dropout"))
            model.At("dropout").Reject("it goes with networks of the zoo only", "remove it, and write dropout layers into the network's file");
        return new ModelChoice(
            model.Text("name"), file is null ? null : Path.GetFullPath(file, baseDirectory), model.Number("dropout"));
    }

    private TrainingSpec BindTraining(SectionValues training, Method method)
    {
        SectionValues optimizer = training.Section("optimizer");
        bool outdone = training.Has("localSteps") && training.Has("localEpochs")
            && overrides.Covers(training.At("localEpochs")) && !overrides.Covers(training.At("localSteps"));
        int? steps = outdone ? null : training.Whole("localSteps");
        return new TrainingSpec
        {
            Method = method,
            Rounds = training.Whole("rounds")!.Value,
            LocalWork = steps is int count ? new LocalWork.Steps(count) : new LocalWork.Epochs(training.Whole("localEpochs") ?? 1),
            BatchSize = training.Whole("batch")!.Value,
            Participation = training.Number("participation")!.Value,
            Encoding = training.Text("encoding") is string encoding ? Vocabulary.Encodings[encoding] : TensorEncoding.Float32,
            EvaluateEvery = training.Whole("evaluateEvery")!.Value,
            Optimizer = BindOptimizer(optimizer) with { Proximal = method.AveragesModels() ? training.Number("proximal")!.Value : 0 },
            ServerMomentum = method.AveragesModels() ? training.Number("serverMomentum")!.Value : 0,
            LearningRate = BindLearningRate(training.Section("learningRate"), optimizer.Text("kind")),
            Seed = (ulong)root.Long("seed")!.Value,
        };
    }

    private static PatienceConfig BindPatience(SectionValues training)
    {
        RoundDeadline? deadline = DeadlineText.Parse(training.Text("deadline"));
        if (deadline is RoundDeadline.OfClaim { Factor: < 1 })
            training.At("deadline").Reject("no round ends before the plan says it does", "give 1x or more");
        return new PatienceConfig(deadline, training.Whole("minimumDevices"));
    }

    private static OptimizerSpec BindOptimizer(SectionValues optimizer)
    {
        double weightDecay = optimizer.Number("weightDecay")!.Value;
        string? kind = optimizer.Text("kind");
        if (kind != "sgd")
        {
            return new OptimizerSpec.Adam(
                optimizer.Number("beta1")!.Value, optimizer.Number("beta2")!.Value, optimizer.Number("epsilon")!.Value, kind == "adamw")
            {
                WeightDecay = weightDecay,
            };
        }

        double momentum = optimizer.Number("momentum")!.Value;
        bool nesterov = optimizer.Flag("nesterov");
        if (nesterov && momentum == 0)
            optimizer.At("nesterov").Reject("there is no momentum for Nesterov's rule", "give optimizer.momentum more than 0");
        return new OptimizerSpec.Sgd(momentum, nesterov) { WeightDecay = weightDecay };
    }

    private static LearningRateSchedule BindLearningRate(SectionValues rate, string? optimizer)
    {
        double initial = rate.Number("initial") ?? OptimizerKeys.DefaultRate(optimizer);
        switch (rate.Text("schedule"))
        {
            case "step":
                return new LearningRateSchedule.Step(initial, rate.Whole("every")!.Value, rate.Number("factor")!.Value);
            case "cosine":
                double final = rate.Number("final")!.Value;
                if (final > initial)
                    rate.At("final").Reject(FormattableString.Invariant($"it is {final}, more than the initial {initial}"), "give at most the initial rate");
                return new LearningRateSchedule.Cosine(initial, final);
            default:
                return new LearningRateSchedule.Constant(initial);
        }
    }
}
