using EdgeSplit.Data;
using EdgeSplit.Experiments.Keys;

namespace EdgeSplit.Experiments.Reading;

/// <summary>The samples and their partition, from a file's values.</summary>
internal sealed class DataBinder(SectionValues data, string baseDirectory)
{
    public DataSpec Bind()
    {
        SectionValues augment = data.Section("augment");
        int? train = data.Whole("trainSamples"), test = data.Whole("testSamples");
        DataSource source = BindSource(train, test);
        bool isMade = source is DataSource.Synthetic;
        DataSpec spec = new(
            source,
            isMade ? null : train,
            isMade ? null : test,
            new AugmentationSpec(augment.Whole("cropPadding")!.Value, augment.Flag("horizontalFlip")))
        {
            Contract = new ContractBinder(data).Bind(),
        };
        foreach ((string key, string problem, string remedy) in spec.Gaps())
        {
            // What is given, and wrong by itself, has its fault already.
            if (!data.Has(key))
                data.Self.Faults.Add(data.Self.Node, $"{data.Self.Path}.{key}".TrimStart('.'), problem, remedy);
        }

        return spec;
    }

    public PartitionSpec BindPartition()
    {
        SectionValues partition = data.Section("partition");
        return partition.Text("kind") switch
        {
            "dirichlet" => new PartitionSpec.Dirichlet(partition.Number("alpha")!.Value, partition.Whole("minimumSamples")!.Value),
            "size-skew" => new PartitionSpec.SizeSkew(partition.Number("alpha")!.Value, partition.Whole("minimumSamples")!.Value),
            "classes" => new PartitionSpec.ClassesPerDevice(partition.Whole("classesPerDevice")!.Value),
            _ => new PartitionSpec.Iid(),
        };
    }

    private DataSource BindSource(int? train, int? test)
    {
        switch (data.Text("source"))
        {
            case "csv":
                return new DataSource.Csv(PathOf("train"), PathOf("test"), data.Text("label") ?? "");
            case "idx":
                return new DataSource.Idx(PathOf("trainImages"), PathOf("trainLabels"), PathOf("testImages"), PathOf("testLabels"));
            case "synthetic":
                RejectAll("trainSamples");
                RejectAll("testSamples");
                return new DataSource.Synthetic(
                    data.Shape("shape") ?? DataKeys.SyntheticKind.Shape,
                    data.Whole("classes") ?? DataKeys.SyntheticKind.Classes,
                    train ?? DataKeys.SyntheticSamples.Train,
                    test ?? DataKeys.SyntheticSamples.Test,
                    data.Number("noise")!.Value);
            case string name:
                return new DataSource.Named(name);
            default:
                return new DataSource.Named("");
        }
    }

    private void RejectAll(string key)
    {
        if (data.Text(key) is not null)
            data.At(key).Reject("a synthetic set has no end", "give a whole number");
    }

    private string? PathOf(string key) => data.Text(key) is string path ? Path.GetFullPath(path, baseDirectory) : null;
}
