namespace EdgeSplit.Data;

/// <summary>How the training samples are dealt to the devices of a fleet. Every sample goes to exactly one device.</summary>
public abstract record PartitionSpec
{
    private PartitionSpec()
    {
    }

    /// <summary>Shuffled and dealt evenly; sizes differ by one at most.</summary>
    public sealed record Iid : PartitionSpec;

    /// <summary>Each class is divided by proportions drawn from Dirichlet(α) (Hsu et al. 2019), drawn again until every
    /// device has at least <paramref name="MinimumSamples"/>.</summary>
    public sealed record Dirichlet(double Alpha, int MinimumSamples) : PartitionSpec;

    /// <summary>Each device sees <paramref name="Classes"/> classes (McMahan et al. 2017's pathological split).</summary>
    public sealed record ClassesPerDevice(int Classes) : PartitionSpec;

    /// <summary>Shuffled, so that classes are alike everywhere; each gets <paramref name="MinimumSamples"/>, and what is left goes by
    /// shares drawn from Dirichlet(α).</summary>
    public sealed record SizeSkew(double Alpha, int MinimumSamples) : PartitionSpec;
}
