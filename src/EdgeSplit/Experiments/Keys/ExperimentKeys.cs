using EdgeSplit.Training;
using static EdgeSplit.Experiments.Keys.ValueKind;

namespace EdgeSplit.Experiments.Keys;

/// <summary>
/// Every key of an experiment file: its type, bounds, default and meaning. Reading, the JSON schema for editors and the
/// file that <c>edgesplit init</c> writes all come from this one description.
/// </summary>
internal static class ExperimentKeys
{
    public const int MaximumCount = 1_000_000;

    private static readonly Section Model = new(
        new Key("name", new Choice(Vocabulary.Networks), "A network of the zoo; 'edgesplit models' lists them."),
        new Key("file", new Text(Expected: "the path of a file"), "A network of your own: a YAML file of blocks, relative to this file."),
        new Key("dropout", new Number(0, 1, UnderMaximum: true), "Dropout before the last layer of a zoo network's classifier.")
        {
            DefaultInWords = "the network's own",
        })
    {
        Shorthand = "name",
        Exclusive = ["name", "file"],
        NeedsExclusive = true,
    };

    private static readonly Section Augment = new(
        new Key("cropPadding", new Whole(0, 1024), "Pixels of zeros around an image before a random crop back to its size; 0 for no crop.") { Default = 0L },
        new Key("horizontalFlip", new Flag(), "Mirror each image left to right with probability one half.") { Default = false });

    private static readonly Section Training = new(
        new Key("method", new Choice(Vocabulary.Methods.Keys), "edgesplit: each device its own cut; splitfed-v1: one cut for all; splitfed-v2: one server side that takes each step on one device's batch after another; psl: one that takes it on all devices' batches together; split: devices take turns; fedavg: the whole network on each device; centralized: one place with all the data.") { Default = "edgesplit" },
        new Key("rounds", new Whole(1, MaximumCount), "Rounds of local work and aggregation.") { Default = 10L },
        new Key("localSteps", new Whole(1, MaximumCount), "Mini-batches of each device in a round, whatever data it has. Instead of localEpochs."),
        new Key("localEpochs", new Whole(1, MaximumCount), "Passes of each device over its own data in a round. Instead of localSteps.") { DefaultInWords = "1, if localSteps is not given" },
        new Key("batch", new Whole(1, MaximumCount), "Samples in a mini-batch.") { Default = 32L },
        new Key("participation", new Number(0, 1, OverMinimum: true), "The fraction of the fleet drawn to take part in each round.") { Default = 1.0 },
        new Key("evaluateEvery", new Whole(1, MaximumCount), "Evaluate after every so many rounds, and after the last.") { Default = 1L },
        new Key("encoding", new Choice(Vocabulary.Encodings.Keys), "How smashed data and cut-layer gradients travel: whole, or rounded to half the bytes. Weights always travel whole.") { Default = "float32" },
        new Key("deadline", new Text(DeadlineText.Pattern, DeadlineText.Expected), "How long a round waits for its devices: a multiple of what the plan says it takes (3x), a time (90 s), or none. Who is late is left out of that round.") { Default = "none" },
        new Key("minimumDevices", new Whole(1, MaximumCount, "all"), "How many updates a round must have, or it is repeated; all for those of every device that takes part.") { Default = "all" },
        new Key("cut", new Whole(1, 10_000, "best"), "The one cut of all devices: blocks 1..cut run on the device; best for the one that makes the shortest round by the costs of the fleet.") { Required = true, OnlyFor = Vocabulary.MethodsWhere(method => method.HasCommonCut()) },
        new Key("proximal", new Number(0, 1000), "FedProx: how strongly devices are pulled towards the global weights in a round (the mu of its term); 0 for not at all.") { Default = 0.0, OnlyFor = Vocabulary.MethodsWhere(method => method.AveragesModels()) },
        new Key("serverMomentum", new Number(0, 1, UnderMaximum: true), "FedAvgM: momentum of the global weights from round to round; 0 for none.") { Default = 0.0, OnlyFor = Vocabulary.MethodsWhere(method => method.AveragesModels()) },
        new Key("optimizer", OptimizerKeys.Optimizer, "How weights move; its state starts fresh in each round."),
        new Key("learningRate", OptimizerKeys.LearningRate, "A number, or a schedule over the rounds.") { Example = "0.05" })
    {
        Discriminator = "method",
        Exclusive = ["localSteps", "localEpochs"],
    };

    private static readonly Section Compute = new(
        new Key("device", new Text("^(cpu|cuda(:[0-9]{1,3})?)$", "cpu, cuda or cuda:N"), "What computes: cpu, cuda or cuda:N.") { Default = "cpu" },
        new Key("lanes", new Whole(1, 1024, "auto"), "Pieces of work at once; auto for one a core. It changes no result.") { Default = "auto" },
        new Key("threadsPerLane", new Whole(1, 1024), "Threads of one operation; with 1, results do not depend on the machine's cores.") { Default = 1L });

    /// <summary>The whole file.</summary>
    public static Section Root { get; } = new(
        new Key("name", new Text(), "The experiment's name; run folders are called after it.") { Default = "experiment" },
        new Key("seed", new Whole(0, long.MaxValue), "Fixes weights, partition, batch order, augmentation, dropout and participation.") { Default = 1L },
        new Key("model", Model, "The network: a name of the zoo, or a map of these keys.") { Required = true },
        new Key("data", DataKeys.Data(Augment), "The samples, and how they are dealt to the devices.") { Required = true },
        new Key("training", Training, "How the fleet trains."),
        new Key("fleet", FleetKeys.Fleet, "The devices and what they share. The method centralized has none.") { DefaultInWords = "none, which only the method centralized accepts", Example = "{ devices: [{ name: device, count: 4, cut: 1 }] }" },
        new Key("plan", FleetKeys.Plan, "Who decides the cuts of the method edgesplit, from the costs of the fleet: a policy, or a map of these keys.") { DefaultInWords = "none; every device has its cut", Example = "edgesplit" },
        new Key("compute", Compute, "Where the arithmetic runs."));
}
