using EdgeSplit.Compute;
using EdgeSplit.Data;
using EdgeSplit.Models;
using EdgeSplit.Wire;
using Protocol = EdgeSplit.Wire.Protocol;

namespace EdgeSplit.Training.Networked;

/// <summary>How a device trains, as its server tells it: all but the cut, the weights and the learning rate, which come with each round.</summary>
/// <param name="Network">The whole network.</param>
/// <param name="Device">The device's index in the fleet.</param>
/// <param name="Training">Batch size, local work, optimizer and seed; the rest is the server's.</param>
/// <param name="Augmentation">What its batches go through first.</param>
/// <param name="Contract">What samples and labels are, and what samples go through last.</param>
public sealed record TrainingTerms(
    Network Network, int Device, TrainingSpec Training, AugmentationSpec Augmentation, DataContract Contract)
{
    /// <summary>As a welcome's header carries them: all but the network and the contract.</summary>
    public Protocol.Training ToWire()
    {
        Protocol.Training wire = new()
        {
            BatchSize = (uint)Training.BatchSize,
            Seed = Training.Seed,
            Optimizer = ToWire(Training.Optimizer),
            Augmentation = new Protocol.Augmentation { CropPadding = (uint)Augmentation.CropPadding, Flip = Augmentation.HorizontalFlip },
        };
        if (Training.LocalWork is LocalWork.Epochs epochs)
            wire.LocalEpochs = (uint)epochs.Count;
        else if (Training.LocalWork is LocalWork.Steps steps)
            wire.LocalSteps = (uint)steps.Count;
        return wire;
    }

    /// <summary>What a server told this device.</summary>
    /// <exception cref="ProtocolException">It makes no sense.</exception>
    public static TrainingTerms Of(DeviceTask task)
    {
        Network network = task.Network;
        Protocol.Training wire = task.Welcome.Training ?? throw new ProtocolException("The welcome says nothing of the training.");
        DataContract contract = ContractOf(task.Contract);
        if (contract.Classes != network.Spec.Classes || contract.SampleShape != network.Spec.Input)
            throw new ProtocolException("The welcome's contract is for samples of another kind than its network.");
        TrainingSpec training = new()
        {
            // What a device needs to know of method, rounds and rates comes with each round.
            Method = Method.EdgeSplit,
            Rounds = int.MaxValue,
            LearningRate = new LearningRateSchedule.Constant(0),
            BatchSize = Positive(wire.BatchSize, "batch size"),
            LocalWork = wire.LocalWorkCase switch
            {
                Protocol.Training.LocalWorkOneofCase.LocalSteps => new LocalWork.Steps(Positive(wire.LocalSteps, "number of local steps")),
                Protocol.Training.LocalWorkOneofCase.LocalEpochs => new LocalWork.Epochs(Positive(wire.LocalEpochs, "number of local epochs")),
                _ => throw new ProtocolException("The welcome gives no local work."),
            },
            Optimizer = OptimizerOf(wire.Optimizer),
            Seed = wire.Seed,
        };
        AugmentationSpec augmentation = new(Below(wire.Augmentation?.CropPadding ?? 0, 1 << 16, "crop padding"), wire.Augmentation?.Flip ?? false);
        if (augmentation != new AugmentationSpec() && network.Spec.Input.Rank != 3)
            throw new ProtocolException("The welcome augments samples that are no images.");
        int device = Below(task.Welcome.DeviceIndex, int.MaxValue, "device index");
        return new TrainingTerms(network, device, training, augmentation, contract);
    }

    private static Protocol.Optimizer ToWire(OptimizerSpec optimizer) => optimizer switch
    {
        OptimizerSpec.Sgd sgd => new Protocol.Optimizer
        {
            WeightDecay = sgd.WeightDecay,
            Proximal = sgd.Proximal,
            Sgd = new Protocol.Optimizer.Types.Sgd { Momentum = sgd.Momentum, Nesterov = sgd.Nesterov },
        },
        OptimizerSpec.Adam adam => new Protocol.Optimizer
        {
            WeightDecay = adam.WeightDecay,
            Proximal = adam.Proximal,
            Adam = new Protocol.Optimizer.Types.Adam { Beta1 = adam.Beta1, Beta2 = adam.Beta2, Epsilon = adam.Epsilon, Decoupled = adam.Decoupled },
        },
        _ => throw new ArgumentOutOfRangeException(nameof(optimizer), optimizer, null),
    };

    private static OptimizerSpec OptimizerOf(Protocol.Optimizer? optimizer) => optimizer switch
    {
        { Sgd: { } sgd } => new OptimizerSpec.Sgd(Finite(sgd.Momentum), sgd.Nesterov)
        {
            WeightDecay = Finite(optimizer.WeightDecay),
            Proximal = Finite(optimizer.Proximal),
        },
        { Adam: { } adam } => new OptimizerSpec.Adam(Finite(adam.Beta1), Finite(adam.Beta2), Finite(adam.Epsilon), adam.Decoupled)
        {
            WeightDecay = Finite(optimizer.WeightDecay),
            Proximal = Finite(optimizer.Proximal),
        },
        _ => throw new ProtocolException("The welcome gives no optimizer."),
    };

    private static DataContract ContractOf(string text)
    {
        try
        {
            return DataContractText.Parse(text);
        }
        catch (FormatException wrong)
        {
            throw new ProtocolException($"The welcome's data contract is none: {wrong.Message}.");
        }
    }

    private static int Positive(uint value, string what) => value > 0 ? Below(value, int.MaxValue, what) : throw new ProtocolException($"The welcome gives a {what} of 0.");

    private static int Below(uint value, int bound, string what) =>
        value < bound ? (int)value : throw new ProtocolException($"The welcome gives a {what} of {value}.");

    private static double Finite(double value) => double.IsFinite(value) ? value : throw new ProtocolException("The welcome gives a number that is none.");
}
