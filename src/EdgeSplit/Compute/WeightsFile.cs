using EdgeSplit.Models;
using EdgeSplit.Models.Layers;
using EdgeSplit.Numerics;

namespace EdgeSplit.Compute;

/// <summary>A network's weights in a safetensors file, whoever wrote it.</summary>
public static class WeightsFile
{
    private const int Named = 3;

    /// <summary>
    /// The weights of <paramref name="network"/>, in its order; the caller's to dispose. Half-precision and double
    /// weights become float32; a missing <c>num_batches_tracked</c>, which older writers left out, is 0.
    /// </summary>
    /// <exception cref="InvalidInputException">
    /// The file cannot be read, or parameters are missing, unexpected or of another shape or type: each kind with its count
    /// and the first that differ.
    /// </exception>
    public static Weights Load(string path, Network network) => Load(path, network, aside: null);

    /// <summary>The same, where the file holds other tensors too: those whose names begin with <paramref name="aside"/>.</summary>
    /// <inheritdoc cref="Load(string, Network)"/>
    internal static Weights Load(string path, Network network, string? aside)
    {
        using FileStream stream = SafetensorsFile.Open(path);
        SafetensorsHeader header = SafetensorsHeader.Read(stream, path);
        Fault[] faults = [.. Faults(path, header, network, aside)];
        if (faults.Length > 0)
            throw new InvalidInputException(faults);

        Weights weights = new();
        foreach (ParameterSpec parameter in network.Parameters)
        {
            HostTensor tensor = header.Find(parameter.Name) is { } entry
                ? SafetensorsFile.ReadTensor(stream, entry, path)
                : HostTensor.Zeros(parameter.ElementType, parameter.Shape);
            weights.Add(parameter.Name, parameter.ElementType == ElementType.Float32 ? ElementConversion.ToFloat32(tensor) : tensor);
        }

        return weights;
    }

    /// <summary>How many classes the file's network tells apart: the rows of its last linear layer's weight.</summary>
    /// <param name="path">The file.</param>
    /// <param name="network">The architecture, with any number of classes.</param>
    /// <exception cref="InvalidInputException">The file cannot be read, or has no such weight.</exception>
    public static int PeekClasses(string path, Network network)
    {
        string name = $"{LastLinear(network).Name}.weight";
        return SafetensorsFile.ReadHeader(path).Find(name) is { Shape: { Rank: 2 } shape } && shape[0] > 0
            ? shape[0]
            : throw new InvalidInputException(
                path, $"it has no '{name}' of two axes, which {network.Spec.Name} ends in", "name the model that these weights are of");
    }

    private static Linear LastLinear(Network network) =>
        network.Blocks.SelectMany(block => block.Layers).OfType<Linear>().LastOrDefault()
        ?? throw new InvalidInputException(network.Spec.Name, "it has no linear layer to count classes by");

    private static IEnumerable<Fault> Faults(string path, SafetensorsHeader header, Network network, string? aside)
    {
        List<string> missing = [], mismatched = [];
        foreach (ParameterSpec parameter in network.Parameters)
        {
            if (header.Find(parameter.Name) is not { } entry)
            {
                if (parameter.ElementType != ElementType.Int64)
                    missing.Add(parameter.Name);
            }
            else if (entry.Shape != parameter.Shape)
            {
                mismatched.Add($"{parameter.Name} is {entry.Shape}, not {parameter.Shape}");
            }
            else if (entry.ElementType != parameter.ElementType
                && !(ElementConversion.IsFloatingPoint(entry.ElementType) && parameter.ElementType == ElementType.Float32))
            {
                mismatched.Add($"{parameter.Name} is {entry.ElementType}, not {parameter.ElementType}");
            }
        }

        HashSet<string> known = [.. network.Parameters.Select(parameter => parameter.Name)];
        List<string> unexpected = [.. header.Entries.Select(entry => entry.Name)
            .Where(name => !known.Contains(name) && (aside is null || !name.StartsWith(aside, StringComparison.Ordinal)))];
        string model = $"{network.Spec.Name} for {network.Spec.Input} and {network.Spec.Classes} classes";
        if (missing.Count > 0)
            yield return FaultOf(path, missing, $"of {model} missing");
        if (unexpected.Count > 0)
            yield return FaultOf(path, unexpected, $"unknown to {model}");
        if (mismatched.Count > 0)
            yield return FaultOf(path, mismatched, $"of {model} different");
    }

    private static Fault FaultOf(string path, List<string> names, string what)
    {
        string first = string.Join(", ", names.Take(Named)) + (names.Count > Named ? ", ..." : "");
        return new Fault(path, $"{names.Count} parameters {what}: {first}", "name the model, input and classes that these weights are of");
    }
}
