using EdgeSplit.Models.Layers;
using EdgeSplit.Yaml;
using YamlDotNet.RepresentationModel;

namespace EdgeSplit.Models.Files;

/// <summary>The keys of one layer; what is missing or wrong is recorded and reads as a number that does no harm.</summary>
/// <param name="Map">Its keys.</param>
/// <param name="Node">Where it stands.</param>
internal sealed record LayerKeys(YamlMap Map, YamlNode Node)
{
    /// <summary>Channels, features, groups.</summary>
    public int Width(string key) => Required(key)?.Int(1, LayerLimits.Width) ?? 1;

    /// <summary>The same; where left out, what follows from the input.</summary>
    public int Width(string key, int? inferred) => Map.OptionalInt(key, 1, LayerLimits.Width) ?? inferred ?? 1;

    /// <summary>A width, or the word <c>classes</c> for the network's number of them.</summary>
    public int WidthOrClasses(string key, int? classes)
    {
        if (Required(key) is not YamlValue value)
            return 1;
        return value.Node is YamlScalarNode { Value: "classes" } ? classes ?? 1 : value.Int(1, LayerLimits.Width) ?? 1;
    }

    /// <summary>Kernels, output sizes.</summary>
    public int Window(string key) => Required(key)?.Int(1, LayerLimits.Window) ?? 1;

    /// <summary>Strides, paddings.</summary>
    public int Window(string key, int usual, int minimum = 1) => Map.OptionalInt(key, minimum, LayerLimits.Window) ?? usual;

    public bool Flag(string key, bool usual) => Map.OptionalBool(key) ?? usual;

    public double Positive(string key, double usual) => Map.OptionalDouble(key, double.Epsilon) ?? usual;

    /// <summary>At least 0 and below 1.</summary>
    public double Probability(string key)
    {
        YamlValue? value = Required(key);
        double? probability = value?.Double();
        if (probability is null or (>= 0 and < 1))
            return probability ?? 0;
        value!.Reject(FormattableString.Invariant($"it is {probability}"), "give a probability of at least 0 and below 1");
        return 0;
    }

    /// <summary><c>{normal: 0.01}</c>, <c>{uniform: 0.1}</c> or <c>{constant: 0}</c>; null where left out.</summary>
    public Initialization? Initialization(string key)
    {
        if (Map.OptionalMap(key) is not YamlMap map)
            return null;
        double? normal = map.OptionalDouble("normal", 0);
        double? uniform = map.OptionalDouble("uniform", 0);
        double? constant = map.OptionalDouble("constant");
        map.RejectUnknownKeys();
        if (map.Node.Children.Count != 1)
            map.Reject("it names several ways to start, or none", "give one of normal, uniform, constant");
        return (normal, uniform, constant) switch
        {
            (double deviation, _, _) => new Initialization.Normal(deviation),
            (_, double bound, _) => new Initialization.Uniform(bound),
            (_, _, double value) => new Initialization.Constant(value),
            _ => null,
        };
    }

    private YamlValue? Required(string key)
    {
        if (Map.Has(key))
            return Map.Required(key);
        Map.Faults.Add(Node, Map.Path.Length > 0 ? $"{Map.Path}.{key}" : key, "this key is missing");
        return null;
    }
}
