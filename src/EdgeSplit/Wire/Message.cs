using EdgeSplit.Compute;
using EdgeSplit.Numerics;

namespace EdgeSplit.Wire;

/// <summary>
/// What a device and the server tell each other in a round. Tensors a message carries belong to its receiver, but for
/// <see cref="RoundStart.Weights"/>, which every device of a round reads.
/// </summary>
public abstract record Message
{
    private Message()
    {
    }

    /// <summary>The round it belongs to, from 1.</summary>
    public abstract int Round { get; init; }

    /// <summary>Bytes of the tensors and labels carried: what a wire cannot do without.</summary>
    public abstract long PayloadBytes { get; }

    /// <summary><see cref="PayloadBytes"/> where smashed data and gradients are encoded.</summary>
    public long PayloadBytesAs(TensorEncoding encoding) => PayloadBytes - (long)((1 - encoding.Ratio()) * (Encodable?.ByteCount ?? 0));

    /// <summary>The tensor that an encoding narrows; null where there is none.</summary>
    internal virtual HostTensor? Encodable => null;

    /// <summary>Gives back the memory of a message that no one will use.</summary>
    public abstract void Discard();

    /// <summary>Server to device: train blocks 1..<paramref name="Cut"/> from these weights.</summary>
    /// <param name="Round">From 1.</param>
    /// <param name="Cut">The last block that runs on the device; L for full local.</param>
    /// <param name="LearningRate">Of this round.</param>
    /// <param name="Weights">Of blocks 1..cut; read only, valid until the round ends.</param>
    /// <param name="Share">What the device may use of the shared link; null for all it can.</param>
    public sealed record RoundStart(int Round, int Cut, double LearningRate, Weights Weights, LinkShare? Share = null) : Message
    {
        public override long PayloadBytes => Weights.ByteCount;

        /// <summary>Nothing: its weights are the round's.</summary>
        public override void Discard()
        {
        }
    }

    /// <summary>Device to server: one mini-batch's smashed data and labels.</summary>
    public sealed record StepUp(int Round, int Step, HostTensor SmashedData, int[] Labels) : Message
    {
        public override long PayloadBytes => SmashedData.ByteCount + ((long)Labels.Length * sizeof(int));

        internal override HostTensor Encodable => SmashedData;

        public override void Discard() => SmashedData.Dispose();
    }

    /// <summary>Server to device: the loss's gradient with respect to the smashed data.</summary>
    public sealed record StepDown(int Round, int Step, HostTensor CutLayerGradient) : Message
    {
        public override long PayloadBytes => CutLayerGradient.ByteCount;

        internal override HostTensor Encodable => CutLayerGradient;

        public override void Discard() => CutLayerGradient.Dispose();
    }

    /// <summary>Device to server: the trained weights of blocks 1..cut.</summary>
    /// <param name="Round">The round they end.</param>
    /// <param name="Weights">Of blocks 1..cut.</param>
    /// <param name="Local">What the device saw of losses; null unless it ran the last block too.</param>
    /// <param name="ComputeSeconds">What forward, backward and optimizer steps took it, waiting excluded.</param>
    public sealed record RoundEnd(int Round, Weights Weights, TrainingTally? Local, double ComputeSeconds = 0) : Message
    {
        public override long PayloadBytes => Weights.ByteCount;

        public override void Discard() => Weights.Dispose();
    }
}

/// <summary>Sums over the mini-batches of a round.</summary>
/// <param name="Steps">Mini-batches.</param>
/// <param name="Samples">Samples in them.</param>
/// <param name="LossSum">Each batch's mean loss times its samples.</param>
/// <param name="Correct">Samples classified correctly while training.</param>
public readonly record struct TrainingTally(int Steps, long Samples, double LossSum, long Correct)
{
    /// <summary>Mean loss per sample; NaN before the first.</summary>
    public double Loss => LossSum / Samples;

    public TrainingTally Add(LossOutcome outcome, int samples) =>
        new(Steps + 1, Samples + samples, LossSum + (outcome.Loss * samples), Correct + outcome.Correct);

    public static TrainingTally operator +(TrainingTally left, TrainingTally right) =>
        new(left.Steps + right.Steps, left.Samples + right.Samples, left.LossSum + right.LossSum, left.Correct + right.Correct);

    public static TrainingTally Add(TrainingTally left, TrainingTally right) => left + right;
}
