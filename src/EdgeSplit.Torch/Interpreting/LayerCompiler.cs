using System.Collections.Immutable;
using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using TorchSharp;
using Functional = TorchSharp.torch.nn.functional;

namespace EdgeSplit.Torch.Interpreting;

/// <summary>Turns the layers of one block into operations on a segment's parameters.</summary>
/// <param name="blockNumber">From 1; with a layer's ordinal it names a dropout mask.</param>
/// <param name="parameters">The segment's parameters by name.</param>
internal sealed class LayerCompiler(int blockNumber, IReadOnlyDictionary<string, SegmentParameter> parameters)
{
    private int ordinal;

    public static Operation Compile(NetworkBlock block, IReadOnlyDictionary<string, SegmentParameter> parameters) =>
        new LayerCompiler(block.Number, parameters).Compile(block.Layers);

    // Where nothing needs the previous result again, an activation may overwrite it: that saves its memory and moves no bit.
    private Operation Compile(ImmutableArray<Layer> layers) =>
        Chain([.. layers.Select((layer, index) => Compile(layer, inPlace: index > 0 && LeavesOutputFree(layers[index - 1])))]);

    /// <summary>One operation after the other. What lies between two of them is disposed at once; the input stays the caller's.</summary>
    public static Operation Chain(Operation[] operations) => (input, pass) =>
    {
        torch.Tensor current = input;
        foreach (Operation operation in operations)
        {
            torch.Tensor next = operation(current, pass);
            if (!ReferenceEquals(next, current) && !ReferenceEquals(current, input))
                current.Dispose();
            current = next;
        }

        return current;
    };

    private Operation Compile(Layer layer, bool inPlace)
    {
        int place = ordinal++;
        return layer switch
        {
            Conv2d conv => Compile(conv),
            BatchNorm2d norm => Compile(norm),
            Linear linear => Compile(linear),
            Activation activation => Compile(activation, inPlace),
            MaxPool2d pool => (input, _) => Functional.max_pool2d(input, pool.Kernel, pool.Stride, pool.Padding, ceil_mode: pool.CeilMode),
            AvgPool2d pool => (input, _) => Functional.avg_pool2d(input, pool.Kernel, pool.Stride, pool.Padding),
            AdaptiveAvgPool2d pool => (input, _) => Functional.adaptive_avg_pool2d(input, pool.OutputSize),
            Flatten => (input, _) => input.flatten(1),
            Dropout dropout => Compile(dropout, place),
            LayerNorm norm => Compile(norm),
            Embedding embedding => Compile(embedding),
            Attention attention => AttentionOperation.Compile(attention, Value),
            Residual residual => Compile(residual),
            _ => throw new NotSupportedException($"The libtorch engine has no layer '{layer.Kind}'."),
        };
    }

    private torch.Tensor Value(string name) => parameters[name].Value;

    private torch.Tensor? Value(string name, bool present) => present ? Value(name) : null;

    private Operation Compile(Conv2d conv)
    {
        torch.Tensor weight = Value($"{conv.Name}.weight");
        torch.Tensor? bias = Value($"{conv.Name}.bias", conv.Bias);
        long[] stride = [conv.Stride, conv.Stride], padding = [conv.Padding, conv.Padding], dilation = [1, 1];
        return (input, _) => Functional.conv2d(input, weight, bias, stride, padding, dilation, conv.Groups);
    }

    private Operation Compile(BatchNorm2d norm)
    {
        torch.Tensor weight = Value($"{norm.Name}.weight"), bias = Value($"{norm.Name}.bias");
        torch.Tensor mean = Value($"{norm.Name}.running_mean"), variance = Value($"{norm.Name}.running_var");
        SegmentParameter batches = parameters[$"{norm.Name}.num_batches_tracked"];
        return (input, pass) =>
        {
            bool estimate = pass.Training && input.numel() > norm.Channels;
            if (estimate)
                batches.Count++;
            return Functional.batch_norm(input, mean, variance, weight, bias, estimate, norm.Momentum, norm.Epsilon);
        };
    }

    private Operation Compile(Linear linear)
    {
        torch.Tensor weight = Value($"{linear.Name}.weight");
        torch.Tensor? bias = Value($"{linear.Name}.bias", linear.Bias);
        return (input, _) => Functional.linear(input, weight, bias);
    }

    private static Operation Compile(Activation activation, bool inPlace) => activation.Function switch
    {
        ActivationFunction.ReLU => (input, _) => Functional.relu(input, inPlace),
        ActivationFunction.ReLU6 => (input, _) => Functional.relu6(input, inPlace),
        ActivationFunction.GELU => (input, _) => Functional.gelu(input),
        _ => throw new NotSupportedException($"The libtorch engine has no activation '{activation.Kind}'."),
    };

    private Operation Compile(Dropout dropout, int place) => (input, pass) =>
    {
        if (!pass.Training || dropout.Probability == 0)
            return input;
        using torch.Tensor mask = MaskTensor.Create(input, dropout.Probability, pass.Key, blockNumber, place);
        return input.mul(mask);
    };

    private Operation Compile(LayerNorm norm)
    {
        torch.Tensor weight = Value($"{norm.Name}.weight"), bias = Value($"{norm.Name}.bias");
        long[] features = [norm.Features];
        return (input, _) => Functional.layer_norm(input, features, weight, bias, norm.Epsilon);
    }

    private Operation Compile(Embedding embedding)
    {
        torch.Tensor weight = Value($"{embedding.Name}.weight");
        return (input, _) =>
        {
            using DisposeScope scope = torch.NewDisposeScope();
            torch.Tensor tokens = input.to(torch.ScalarType.Int64).flatten();
            return weight.index_select(0, tokens).view(input.shape[0], input.shape[1], embedding.Features).MoveToOuterDisposeScope();
        };
    }

    private Operation Compile(Residual residual)
    {
        Operation body = Compile(residual.Body);
        Operation shortcut = Compile(residual.Shortcut);
        bool inPlace = residual.Body.Length > 0 && LeavesOutputFree(residual.Body[^1]);
        return (input, pass) =>
        {
            torch.Tensor main = body(input, pass);
            torch.Tensor side = shortcut(input, pass);
            torch.Tensor sum = inPlace ? main.add_(side) : main.add(side);
            if (!ReferenceEquals(main, input) && !ReferenceEquals(main, sum))
                main.Dispose();
            if (!ReferenceEquals(side, input))
                side.Dispose();
            return sum;
        };
    }

    /// <summary>Whether the layer's backward pass does without its output, which is a tensor of its own.</summary>
    private static bool LeavesOutputFree(Layer layer) => layer is Conv2d or BatchNorm2d or Linear or Residual;
}
