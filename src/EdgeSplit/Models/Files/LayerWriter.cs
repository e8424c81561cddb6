using System.Collections.Immutable;
using System.Text;
using EdgeSplit.Models.Layers;
using EdgeSplit.Yaml;

namespace EdgeSplit.Models.Files;

/// <summary>Layers as YAML: every name and width, and what differs from its default.</summary>
internal sealed class LayerWriter
{
    private readonly StringBuilder text = new();

    public void Line(int indent, string line) => text.Append(' ', 2 * indent).Append(line).Append('\n');

    public void Layers(int indent, ImmutableArray<Layer> layers)
    {
        foreach (Layer layer in layers)
        {
            if (layer is Residual residual)
                Write(indent, residual);
            else
                Line(indent, $"- {OneLine(layer)}");
        }
    }

    public override string ToString() => text.ToString();

    private void Write(int indent, Residual residual)
    {
        Line(indent, "- kind: residual");
        if (residual.Name.Length > 0)
            Line(indent + 1, $"name: {YamlScalar.Write(residual.Name)}");
        Line(indent + 1, "body:");
        Layers(indent + 2, residual.Body);
        if (residual.Shortcut.IsEmpty)
            return;
        Line(indent + 1, "shortcut:");
        Layers(indent + 2, residual.Shortcut);
    }

    private static string OneLine(Layer layer)
    {
        List<string> keys = [];
        if (layer.Name.Length > 0)
            keys.Add($"name: {YamlScalar.Write(layer.Name)}");
        keys.AddRange(Keys(layer));
        return keys.Count == 0 ? layer.Kind : $"{{kind: {layer.Kind}, {string.Join(", ", keys)}}}";
    }

    private static IEnumerable<string> Keys(Layer layer) => layer switch
    {
        Conv2d conv =>
        [
            $"in-channels: {conv.InChannels}",
            $"out-channels: {conv.OutChannels}",
            $"kernel: {conv.Kernel}",
            .. Unless("stride", conv.Stride, 1),
            .. Unless("padding", conv.Padding, 0),
            .. Unless("groups", conv.Groups, 1),
            .. Unless("bias", conv.Bias, true),
            .. Start("weight-init", conv.WeightInitialization),
            .. Start("bias-init", conv.BiasInitialization),
        ],
        Linear linear =>
        [
            $"in-features: {linear.InFeatures}",
            $"out-features: {linear.OutFeatures}",
            .. Unless("bias", linear.Bias, true),
            .. Start("weight-init", linear.WeightInitialization),
            .. Start("bias-init", linear.BiasInitialization),
        ],
        BatchNorm2d norm =>
        [
            $"channels: {norm.Channels}", .. Unless("epsilon", norm.Epsilon, 1e-5), .. Unless("momentum", norm.Momentum, 0.1),
        ],
        LayerNorm norm => [$"features: {norm.Features}", .. Unless("epsilon", norm.Epsilon, 1e-5)],
        Embedding embedding => [$"vocabulary: {embedding.Vocabulary}", $"features: {embedding.Features}"],
        Attention attention => [$"features: {attention.Features}", $"heads: {attention.Heads}"],
        MaxPool2d pool =>
        [
            $"kernel: {pool.Kernel}",
            .. Unless("stride", pool.Stride, pool.Kernel),
            .. Unless("padding", pool.Padding, 0),
            .. Unless("ceil-mode", pool.CeilMode, false),
        ],
        AvgPool2d pool =>
        [
            $"kernel: {pool.Kernel}", .. Unless("stride", pool.Stride, pool.Kernel), .. Unless("padding", pool.Padding, 0),
        ],
        AdaptiveAvgPool2d pool => [$"output-size: {pool.OutputSize}"],
        Dropout dropout => [$"probability: {YamlScalar.Write(dropout.Probability)}"],
        Activation or Flatten => [],
        _ => throw new ArgumentOutOfRangeException(nameof(layer), layer.Kind, null),
    };

    private static string[] Unless(string key, int value, int usual) => value == usual ? [] : [$"{key}: {value}"];

    private static string[] Unless(string key, bool value, bool usual) => value == usual ? [] : [$"{key}: {YamlScalar.Write(value)}"];

    private static string[] Unless(string key, double value, double usual) =>
        value.Equals(usual) ? [] : [$"{key}: {YamlScalar.Write(value)}"];

    private static string[] Start(string key, Initialization? initialization) => initialization switch
    {
        null => [],
        Initialization.Normal normal => [$"{key}: {{normal: {YamlScalar.Write(normal.StandardDeviation)}}}"],
        Initialization.Uniform uniform => [$"{key}: {{uniform: {YamlScalar.Write(uniform.Bound)}}}"],
        Initialization.Constant constant => [$"{key}: {{constant: {YamlScalar.Write(constant.Value)}}}"],
        _ => throw new ArgumentOutOfRangeException(nameof(initialization), initialization, null),
    };
}
