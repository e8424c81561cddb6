using System.Globalization;
using EdgeSplit.Data;

namespace EdgeSplit.Experiments.Reading;

/// <summary>What a file says itself of its data's contract.</summary>
internal sealed class ContractBinder(SectionValues data)
{
    public ContractSpec Bind()
    {
        bool isMade = data.Text("source") == "synthetic";
        if (isMade && data.Names("classes") is not null)
            data.At("classes").Reject("the classes of a synthetic set have names of its own", "give how many there are");
        int? count = isMade ? null : data.Whole("classes");
        (NormalizeKind kind, Normalization? given) = BindNormalize(data.Section("normalize"));
        return new ContractSpec
        {
            Classes = isMade ? null : count is int classes ? [.. Enumerable.Range(0, classes).Select(number => number.ToString(CultureInfo.InvariantCulture))] : data.Names("classes"),
            ClassesAreNumbers = count is not null,
            Features = data.Names("features"),
            Shape = isMade ? null : data.Shape("shape"),
            Normalize = kind,
            Given = given,
        };
    }

    private static (NormalizeKind Kind, Normalization? Given) BindNormalize(SectionValues normalize)
    {
        float[]? mean = normalize.Numbers("mean"), deviation = normalize.Numbers("deviation");
        string kind = normalize.Text("kind")!;
        if (!normalize.Has("mean") && !normalize.Has("deviation"))
            return (kind switch { "standard" => NormalizeKind.Standard, "none" => NormalizeKind.None, _ => NormalizeKind.Auto }, null);
        if (kind != "auto")
            normalize.At("kind").Reject($"it is {kind}, and means or deviations are given too", "give one of them");
        else if (!normalize.Has("mean") || !normalize.Has("deviation"))
            normalize.Self.Reject("it has only one of mean and deviation", "give both");
        else if (mean is not null && deviation is not null && mean.Length != deviation.Length)
            normalize.Self.Reject($"it has {mean.Length} means and {deviation.Length} deviations", "give as many of each");
        else if (deviation?.Any(value => value == 0) == true)
            normalize.At("deviation").Reject("one of them is 0 in single precision", "give larger ones");
        else if (mean is not null && deviation is not null)
            return (NormalizeKind.Given, new Normalization(mean, deviation));
        return (NormalizeKind.None, null);
    }
}
