using System.Collections.Immutable;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Models;

/// <summary>
/// A network whose shapes fit, with everything that follows from its specification without running it: shapes,
/// parameters, FLOPs and bytes of every block.
/// </summary>
public sealed class Network
{
    /// <exception cref="InvalidInputException">A layer does not fit its input, two parameters share a name, ...: every fault.</exception>
    public Network(ModelSpec spec)
    {
        Spec = spec;
        List<Fault> faults = [];
        Blocks = Derive(spec, faults);
        if (faults.Count > 0)
            throw new InvalidInputException(faults);
        Parameters = [.. Blocks.SelectMany(block => block.Parameters)];
    }

    public ModelSpec Spec { get; }

    /// <summary>The blocks; <c>Blocks[0]</c> is block 1.</summary>
    public ImmutableArray<NetworkBlock> Blocks { get; }

    /// <summary>The number of blocks L, which is the highest cut: c = L is full local.</summary>
    public int Length => Blocks.Length;

    /// <summary>Rows of the embedding that the network begins with: it takes whole numbers below it. Null where it begins with none.</summary>
    public int? Vocabulary => Blocks.SelectMany(block => block.Layers).OfType<Embedding>().FirstOrDefault()?.Vocabulary;

    /// <summary>Every parameter and buffer, in the order of the blocks.</summary>
    public ImmutableArray<ParameterSpec> Parameters { get; }

    /// <summary>Blocks <paramref name="first"/>..<paramref name="last"/>, both 1-based and inclusive.</summary>
    public ReadOnlySpan<NetworkBlock> Segment(int first, int last) => Blocks.AsSpan()[(first - 1)..last];

    private static ImmutableArray<NetworkBlock> Refused(ModelSpec spec, List<Fault> faults, string problem, string remedy)
    {
        faults.Add(new Fault(spec.Name, problem, remedy));
        return [];
    }

    private static ImmutableArray<NetworkBlock> Derive(ModelSpec spec, List<Fault> faults)
    {
        if (spec.Blocks.Length == 0)
            faults.Add(new Fault(spec.Name, "the network has no blocks", "give it at least one"));
        if (spec.Input.Dimensions.Any(extent => extent < 1) || !LayerLimits.Holds(spec.Input))
            return Refused(spec, faults, $"{spec.Input} is no size of a sample", "every extent must be 1 or more, 2 GiB in all");
        HashSet<string> names = [];
        List<NetworkBlock> blocks = [];
        Shape shape = spec.Input;
        foreach (Block block in spec.Blocks)
        {
            try
            {
                if (block.Layers.IsEmpty)
                    throw new LayerShapeException("it has no layers");
                NetworkBlock derived = NetworkBlock.Derive(blocks.Count + 1, block, shape);
                foreach (ParameterSpec parameter in derived.Parameters)
                {
                    if (!names.Add(parameter.Name))
                        faults.Add(new Fault(block.Name, $"two parameters are called '{parameter.Name}'", "name the layers apart"));
                }

                blocks.Add(derived);
                shape = derived.OutputShape;
            }
            catch (LayerShapeException mismatch)
            {
                // What follows has no input shape: later blocks cannot be judged.
                faults.Add(new Fault($"{spec.Name}, block {blocks.Count + 1} ({block.Name})", mismatch.Message));
                return [.. blocks];
            }
        }

        if (faults.Count == 0 && shape != new Shape(spec.Classes))
        {
            faults.Add(new Fault(
                spec.Name,
                $"the last block gives {shape}, not one logit for each of {spec.Classes} classes",
                "end in a linear layer of that width"));
        }

        return [.. blocks];
    }
}
