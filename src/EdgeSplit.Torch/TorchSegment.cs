using System.Runtime.InteropServices;
using EdgeSplit.Compute;
using EdgeSplit.Models;
using EdgeSplit.Numerics;
using EdgeSplit.Torch.Interpreting;
using EdgeSplit.Torch.Optimizing;
using TorchSharp;

namespace EdgeSplit.Torch;

/// <summary>
/// A segment in libtorch's memory. It owns its parameters, its optimizer's state and the pending forward pass; all other
/// tensors end with the call that made them.
/// </summary>
internal sealed class TorchSegment : ISegment
{
    private readonly SegmentSpec spec;
    private readonly torch.Device device;
    private readonly ElementType type;
    private readonly List<SegmentParameter> parameters = [];
    private readonly SegmentParameter[] trainable;
    private readonly Operation blocks;
    private readonly IOptimizer? optimizer;
    private readonly ProximalTerm? proximal;
    private (torch.Tensor Input, torch.Tensor Output)? pending;

    public TorchSegment(SegmentSpec spec, Weights weights, torch.Device device, ElementType type)
    {
        this.spec = spec;
        this.device = device;
        this.type = type;
        try
        {
            foreach (NetworkBlock block in spec.Network.Segment(spec.First, spec.Last))
            {
                foreach (ParameterSpec parameter in block.Parameters)
                    parameters.Add(new SegmentParameter(parameter, Initial(weights, parameter), device, type));
            }
        }
        catch
        {
            Dispose();
            throw;
        }

        trainable = [.. parameters.Where(parameter => parameter.Spec.Role == ParameterRole.Trainable)];
        Dictionary<string, SegmentParameter> byName = parameters.ToDictionary(parameter => parameter.Spec.Name, StringComparer.Ordinal);
        blocks = LayerCompiler.Chain([.. spec.Network.Blocks[(spec.First - 1)..spec.Last].Select(block => LayerCompiler.Compile(block, byName))]);
        optimizer = spec.Optimizer is null ? null : Optimizers.Create(spec.Optimizer, trainable.Length);
        proximal = spec.Optimizer is { Proximal: > 0 } pulled ? new ProximalTerm(pulled.Proximal, trainable) : null;
    }

    private bool HasInputGradient => spec.First > 1;

    public HostTensor Forward(HostTensor input, StepKey key)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        (torch.Tensor Input, torch.Tensor Output) pass = Run(input, key);
        HostTensor output = HostCopy.ToHost(pass.Output);
        ForgetPending();
        pending = (scope.Detach(pass.Input), scope.Detach(pass.Output));
        return output;
    }

    public HostTensor? Backward(HostTensor outputGradient)
    {
        if (pending is not { } pass)
            throw new InvalidOperationException("There is no forward pass to go back through.");
        using DisposeScope scope = torch.NewDisposeScope();
        if (!outputGradient.Shape.Dimensions.Select(extent => (long)extent).SequenceEqual(pass.Output.shape))
            throw new ArgumentException($"A gradient of shape {outputGradient.Shape} does not fit the output.", nameof(outputGradient));
        // A segment without parameters, on raw data, has nothing to differentiate.
        if (pass.Output.requires_grad)
            pass.Output.backward([HostCopy.ToTorch(outputGradient, type, device)]);
        HostTensor? inputGradient = InputGradient(pass.Input);
        ForgetPending();
        return inputGradient;
    }

    public LossOutcome ForwardBackward(HostTensor input, ReadOnlySpan<int> labels, StepKey key)
    {
        if (spec.Last != spec.Network.Length)
            throw new InvalidOperationException("Only a segment with the last block has a loss.");
        using DisposeScope scope = torch.NewDisposeScope();
        ForgetPending();
        torch.Tensor target = Target(labels, input.Shape[0]);
        (torch.Tensor source, torch.Tensor logits) = Run(input, key);
        torch.Tensor loss = torch.nn.functional.cross_entropy(logits, target);
        if (loss.requires_grad)
            loss.backward();
        double value = type == ElementType.Float32 ? loss.item<float>() : loss.item<double>();
        return new LossOutcome(value, CountCorrect(logits, labels), InputGradient(source));
    }

    public void Step(double learningRate)
    {
        if (optimizer is null)
            throw new InvalidOperationException("This segment only predicts: it was built without an optimizer.");
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        optimizer.Begin(learningRate);
        for (int index = 0; index < trainable.Length; index++)
        {
            torch.Tensor parameter = trainable[index].Value;
            if (parameter.grad is not { } gradient)
                continue;
            proximal?.AddTo(gradient, index, parameter);
            optimizer.Move(index, parameter, gradient);
            parameter.grad = null;
        }
    }

    public HostTensor Predict(HostTensor input)
    {
        using DisposeScope scope = torch.NewDisposeScope();
        using IDisposable noGradient = torch.no_grad();
        return HostCopy.ToHost(blocks(ToInput(input), new Pass(Training: false, default)));
    }

    public Weights Save()
    {
        Weights weights = new();
        using DisposeScope scope = torch.NewDisposeScope();
        foreach (SegmentParameter parameter in parameters)
            weights.Add(parameter.Spec.Name, parameter.Save());
        return weights;
    }

    public Weights SaveGradients()
    {
        Weights gradients = new();
        using DisposeScope scope = torch.NewDisposeScope();
        foreach (SegmentParameter parameter in trainable)
            gradients.Add(parameter.Spec.Name, HostCopy.ToHost(parameter.Value.grad ?? parameter.Value.zeros_like()));
        return gradients;
    }

    public void Dispose()
    {
        ForgetPending();
        optimizer?.Dispose();
        proximal?.Dispose();
        foreach (SegmentParameter parameter in parameters)
            parameter.Dispose();
    }

    private static HostTensor Initial(Weights weights, ParameterSpec parameter) =>
        weights.Contains(parameter.Name)
            ? weights[parameter.Name]
            : throw new ArgumentException($"The weights lack '{parameter.Name}'.", nameof(weights));

    private (torch.Tensor Input, torch.Tensor Output) Run(HostTensor input, StepKey key)
    {
        torch.Tensor source = ToInput(input);
        if (HasInputGradient)
            source.requires_grad = true;
        return (source, blocks(source, new Pass(Training: true, key)));
    }

    private torch.Tensor ToInput(HostTensor input)
    {
        Shape expected = spec.Network.Blocks[spec.First - 1].InputShape;
        if (input.Shape.Rank != expected.Rank + 1 || input.Shape.WithoutLeading() != expected || input.Shape[0] == 0)
            throw new ArgumentException($"Block {spec.First} takes a batch of {expected}, not {input.Shape}.", nameof(input));
        return HostCopy.ToTorch(input, type, device);
    }

    private torch.Tensor Target(ReadOnlySpan<int> labels, int samples)
    {
        if (labels.Length != samples)
            throw new ArgumentException($"{labels.Length} labels for {samples} samples.", nameof(labels));
        torch.Tensor target = torch.empty(labels.Length, dtype: torch.ScalarType.Int64);
        Span<long> classes = MemoryMarshal.Cast<byte, long>(target.bytes);
        for (int sample = 0; sample < labels.Length; sample++)
        {
            int label = labels[sample];
            classes[sample] = label >= 0 && label < spec.Network.Spec.Classes
                ? label
                : throw new ArgumentOutOfRangeException(nameof(labels), label, $"There are {spec.Network.Spec.Classes} classes.");
        }

        return target.to(device);
    }

    private int CountCorrect(torch.Tensor logits, ReadOnlySpan<int> labels)
    {
        Span<byte> bytes = logits.detach().cpu().contiguous().bytes;
        return type == ElementType.Float32
            ? TopLabels.Count(MemoryMarshal.Cast<byte, float>(bytes), labels)
            : TopLabels.Count(MemoryMarshal.Cast<byte, double>(bytes), labels);
    }

    private HostTensor? InputGradient(torch.Tensor source) =>
        HasInputGradient ? HostCopy.ToHost(source.grad ?? source.zeros_like()) : null;

    private void ForgetPending()
    {
        if (pending is not { } pass)
            return;
        pending = null;
        pass.Input.Dispose();
        pass.Output.Dispose();
    }
}
