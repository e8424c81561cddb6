using EdgeSplit.Numerics;

namespace EdgeSplit.Models.Layers;

/// <summary>
/// How large a layer may be. A tensor of 2 GiB is the most that one buffer holds; within that no count of FLOPs of a
/// layer passes 64 bits.
/// </summary>
internal static class LayerLimits
{
    /// <summary>Channels, features, vocabularies.</summary>
    public const int Width = 1 << 28;

    /// <summary>Kernels, strides, paddings, output sizes.</summary>
    public const int Window = 1 << 12;

    /// <summary>Elements of one float32 tensor.</summary>
    public const long Elements = int.MaxValue / sizeof(float);

    /// <summary>Checks what the layer holds.</summary>
    /// <exception cref="LayerShapeException">Its numbers are flawed, a parameter is too large or has no name.</exception>
    public static void Check(Layer layer)
    {
        string[] flaws = [.. layer.Flaws];
        if (flaws.Length > 0)
            throw new LayerShapeException($"{layer.Title}: {string.Join("; ", flaws)}");
        foreach (ParameterSpec parameter in layer.Parameters)
        {
            if (!Holds(parameter.Shape))
                throw new LayerShapeException($"{layer.Title}: {parameter.Name} of {parameter.Shape} is larger than 2 GiB");
            if (parameter.Name.StartsWith('.'))
                throw new LayerShapeException($"{layer.Title}: it has parameters and needs a name for them");
        }
    }

    /// <summary>Checks what one sample makes of it.</summary>
    public static void Check(Layer layer, Shape output)
    {
        if (!Holds(output))
            throw new LayerShapeException($"{layer.Title}: its output {output} is larger than 2 GiB a sample");
    }

    /// <summary>Whether a float32 tensor of this shape is at most 2 GiB.</summary>
    public static bool Holds(Shape shape)
    {
        long count = 1;
        foreach (int extent in shape.Dimensions)
        {
            // Each factor is below 2^31, so this cannot pass 64 bits before the check.
            count *= extent;
            if (count > Elements)
                return false;
        }

        return true;
    }

    /// <summary>A flaw for each number outside its bounds.</summary>
    public static IEnumerable<string> Outside(params (string Name, int Value, int Minimum, int Maximum)[] numbers) =>
        from number in numbers
        where number.Value < number.Minimum || number.Value > number.Maximum
        select $"{number.Name} is {number.Value}, not from {number.Minimum} to {number.Maximum}";
}
