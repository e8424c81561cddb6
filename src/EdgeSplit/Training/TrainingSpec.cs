using EdgeSplit.Compute;
using EdgeSplit.Wire;

namespace EdgeSplit.Training;

/// <summary>What is trained how.</summary>
public enum Method
{
    /// <summary>A cut per device, per-device server-side replicas, sample-weighted mean (arXiv:2403.15815).</summary>
    EdgeSplit,

    /// <summary>One cut for all, otherwise the same (Thapa et al. 2022).</summary>
    SplitFedV1,

    /// <summary>One cut for all, one server side that at each step trains on one device's batch after another, mean of device sides (Thapa et al. 2022).</summary>
    SplitFedV2,

    /// <summary>One cut for all, one server side that takes each step on all devices' batches together, mean of device sides (Jeon &amp; Kim 2020).</summary>
    Psl,

    /// <summary>One cut for all; devices take turns, each going on from what the one before it came to (Gupta &amp; Raskar 2018).</summary>
    Split,

    /// <summary>No cut: each device trains the whole network (McMahan et al. 2017).</summary>
    FedAvg,

    /// <summary>One place with all the data; the reference.</summary>
    Centralized,
}

/// <summary>What methods have in common.</summary>
public static class MethodTraits
{
    /// <summary>Whether all devices have the same cut.</summary>
    public static bool HasCommonCut(this Method method) => method is Method.SplitFedV1 or Method.SplitFedV2 or Method.Psl or Method.Split;

    /// <summary>Whether the devices' whole models are averaged: what FedProx and FedAvgM are variations of.</summary>
    public static bool AveragesModels(this Method method) => method is Method.EdgeSplit or Method.SplitFedV1 or Method.FedAvg;
}

/// <summary>How a fleet trains, whatever the network and the data.</summary>
public sealed record TrainingSpec
{
    public required Method Method { get; init; }

    /// <summary>Rounds of local steps and aggregation.</summary>
    public required int Rounds { get; init; }

    /// <summary>How much each device does in a round.</summary>
    public required LocalWork LocalWork { get; init; }

    /// <summary>Samples in a mini-batch; the last of an epoch may be short.</summary>
    public required int BatchSize { get; init; }

    /// <summary>The fraction of the fleet drawn to take part in each round, in (0, 1].</summary>
    public double Participation { get; init; } = 1;

    /// <summary>How smashed data and cut-layer gradients travel; weights always travel whole.</summary>
    public TensorEncoding Encoding { get; init; }

    /// <summary>Evaluate after every so many rounds, and after the last.</summary>
    public int EvaluateEvery { get; init; } = 1;

    public required OptimizerSpec Optimizer { get; init; }

    /// <summary>Momentum of the global model from round to round, in [0, 1): FedAvgM (Hsu et al. 2019). 0 leaves the mean as it is.</summary>
    public double ServerMomentum { get; init; }

    public required LearningRateSchedule LearningRate { get; init; }

    /// <summary>Fixes weights, partition, batch order, augmentation, dropout, participation and the order of turns.</summary>
    public required ulong Seed { get; init; }

    /// <summary>The same training by another method. What varies averaging stays with methods that average.</summary>
    public TrainingSpec By(Method method) => method.AveragesModels()
        ? this with { Method = method }
        : this with { Method = method, ServerMomentum = 0, Optimizer = Optimizer with { Proximal = 0 } };
}

/// <summary>How much a device does in one round.</summary>
public abstract record LocalWork
{
    private LocalWork()
    {
    }

    /// <summary>The same number of mini-batches on every device.</summary>
    public sealed record Steps(int Count) : LocalWork;

    /// <summary>So many passes over the device's own samples.</summary>
    public sealed record Epochs(int Count) : LocalWork;
}
